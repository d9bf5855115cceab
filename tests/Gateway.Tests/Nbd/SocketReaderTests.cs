using System.Net;
using System.Net.Sockets;
using Replication.Gateway.Nbd.Wire;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>
/// What a connection asks its socket for: many small requests at once, large payloads in place.
/// </summary>
public sealed class SocketReaderTests : IDisposable
{
    private const int HeaderBytes = 28;
    private const int LargeBytes = 64 << 10;
    private const int ManyBytes = 60_000;

    private readonly Socket _client;
    private readonly Socket _server;
    private readonly SocketReader _reader;

    public SocketReaderTests()
    {
        using Socket listener = new(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        listener.Listen();
        _client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _client.Connect(listener.LocalEndPoint!);
        _server = listener.Accept();
        _reader = new SocketReader(_server);
    }

    public void Dispose()
    {
        _reader.Dispose();
        _server.Dispose();
        _client.Dispose();
    }

    /// <summary>What the window has of a payload is copied; of one in place next to nothing is.</summary>
    [Fact]
    public async Task After_a_large_payload_little_is_received_into_the_window()
    {
        await FillWindowAsync();
        await ReceiveWriteAsync(LargeBytes);
        Arrive(HeaderBytes + LargeBytes);
        Assert.True(await _reader.WaitForAsync(HeaderBytes, CancellationToken.None));
        Assert.InRange(_reader.Available.Length, HeaderBytes, 4096);
    }

    [Fact]
    public async Task Small_requests_come_many_at_once_again_after_the_first()
    {
        await FillWindowAsync();
        await ReceiveWriteAsync(LargeBytes);
        await ReceiveWriteAsync(payloadBytes: 512);
        Arrive(ManyBytes);
        Assert.True(await _reader.WaitForAsync(HeaderBytes, CancellationToken.None));
        Assert.Equal(ManyBytes, _reader.Available.Length);
    }

    /// <summary>A client that floods the server is not to keep a thread that polls sockets.</summary>
    [Fact]
    public void A_stream_that_never_pauses_leaves_the_thread_now_and_then()
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        Leavings leavings = new();
        SynchronizationContext.SetSynchronizationContext(leavings);
        try
        {
            for (int count = 1; count <= 3 * SocketReader.ReceivesAtOnceMax; count++)
            {
                Arrive(1);
                ValueTask<bool> receiving = count % 2 == 0
                    ? _reader.ReadAsync(new byte[1], CancellationToken.None)
                    : _reader.WaitForAsync(1, CancellationToken.None);
                Assert.Equal(count % SocketReader.ReceivesAtOnceMax == 0, leavings.GoOn());
                Assert.True(receiving.IsCompleted);
                _reader.Consume(_reader.Available.Length);
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>The window grows with what fills it.</summary>
    private async Task FillWindowAsync()
    {
        while (true)
        {
            Arrive(ManyBytes);
            int left = ManyBytes;
            while (left > 0)
            {
                Assert.True(await _reader.WaitForAsync(1, CancellationToken.None));
                int came = _reader.Available.Length;
                _reader.Consume(came);
                left -= came;
                if (came == ManyBytes)
                {
                    return;
                }
            }
        }
    }

    /// <summary>As RequestReceiver does it.</summary>
    private async Task ReceiveWriteAsync(int payloadBytes)
    {
        Arrive(HeaderBytes + payloadBytes);
        Assert.True(await _reader.WaitForAsync(HeaderBytes, CancellationToken.None));
        _reader.Consume(HeaderBytes);
        byte[] payload = new byte[payloadBytes];
        int taken = _reader.TakePayload(payload);
        Assert.True(await _reader.ReadAsync(payload.AsMemory(taken), CancellationToken.None));
    }

    /// <summary>Sends that much, and returns when all of it waits in the receiver's socket.</summary>
    private void Arrive(int countBytes)
    {
        _client.Send(new byte[countBytes]);
        Assert.True(SpinWait.SpinUntil(() => _reader.WaitingBytes == countBytes, TimeSpan.FromSeconds(20)));
    }

    /// <summary>Keeps what leaves the thread until it is told to go on.</summary>
    private sealed class Leavings : SynchronizationContext
    {
        private Action? _left;

        public override void Post(SendOrPostCallback d, object? state)
        {
            Assert.Null(_left);
            _left = () => d(state);
        }

        /// <summary>Goes on with what has left; false when nothing has.</summary>
        internal bool GoOn()
        {
            Action? left = _left;
            _left = null;
            left?.Invoke();
            return left is not null;
        }
    }
}
