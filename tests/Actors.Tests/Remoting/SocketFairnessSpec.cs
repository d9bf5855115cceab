using System.Net.Sockets;
using Replication.Actors.Remoting;
using Replication.Actors.Remoting.Sockets;
using Replication.Actors.Remoting.Transports;

namespace Replication.Actors.Tests.Remoting;

/// <summary>One connection does not keep the thread that serves them all.</summary>
public sealed class SocketFairnessSpec
{
    private const int ReceivesMax = 10 * RemotingLimits.ReceivesAtOnceMax;
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_peer_that_never_pauses_leaves_the_thread_to_others_now_and_then()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using Socket peer = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        NeverPausing handler = new(peer);
        using IListener listener =
            SocketTransport.Instance.Listen($"unix:{path}", connection => connection.Start(handler));
        peer.Connect(new UnixDomainSocketEndPoint(path));
        peer.Send([1]);
        Assert.Equal("closed", await handler.End.WaitAsync(HangLimit));
        Assert.Equal(RemotingLimits.ReceivesAtOnceMax, handler.LongestRun);
    }

    /// <summary>Before a receive is over the next one has its byte.</summary>
    private sealed class NeverPausing(Socket peer) : IConnectionHandler
    {
        // Whatever a thread of the pool runs next does not see it.
        private readonly AsyncLocal<bool> _isSameRun = new();
        private readonly TaskCompletionSource<string> _end =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        private int _received;
        private int _run;

        internal Task<string> End => _end.Task;

        internal int LongestRun { get; private set; }

        public Memory<byte> ReceiveMemory { get; } = new byte[1];

        public bool OnReceived(int countBytes)
        {
            _run = _isSameRun.Value ? _run + 1 : 1;
            _isSameRun.Value = true;
            LongestRun = Math.Max(LongestRun, _run);
            peer.Send([1]);
            return ++_received < ReceivesMax;
        }

        public void OnSent(bool ok) => throw new InvalidOperationException("nothing was sent");

        public void OnClosed(string reason) => _end.SetResult(reason);
    }
}
