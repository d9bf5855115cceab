using Replication.Actors.Asking;
using Replication.Actors.Remoting;
using Replication.Actors.Remoting.InProcess;
using Replication.Actors.Remoting.Transports;
using Replication.Actors.Watch;
using RemotingOf = Replication.Actors.Remoting.Remoting;

namespace Replication.Actors.Tests.Remoting;

/// <summary>Systems of one process that find each other without a socket.</summary>
public sealed class InProcessSpec : IAsyncLifetime
{
    private const string Address = "tcp:127.0.0.1:4000";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ActorSystem _server = ActorSystem.Create("server");
    private readonly ActorSystem _client = ActorSystem.Create("client");
    private readonly Outside _outside = new();
    private readonly InProcessTransport _transport;
    private readonly RemotingOf _serving;
    private readonly RemotingOf _calling;
    private readonly IActorRef _echo;

    public InProcessSpec()
    {
        _transport = new InProcessTransport(_outside);
        RemotingOptions options = new()
        {
            ClusterName = "test", Codecs = TestCodecs.All, Transport = _transport,
        };
        _server.ActorOf(Props.Create(static () => new EchoActor()), "echo");
        _serving = RemotingOf.Start(_server, options with { Listen = Address });
        _calling = RemotingOf.Start(_client, options);
        _echo = _calling.ActorFor(Address, "echo");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _calling.Stop();
        await _serving.Stop();
        await _client.Terminate();
        await _server.Terminate();
    }

    [Fact]
    public async Task Payloads_of_every_size_come_back_unchanged_and_no_socket_is_asked_for()
    {
        await Payloads.AssertComeBackUnchangedAsync(
            _echo, [1, 4096, 4097, 32_700, 65_536, 100_000, 3, (1 << 20) + 1, 32 << 20, 100], Patience);
        Assert.Empty(_outside.Connected);
    }

    [Fact]
    public async Task Many_tellers_on_many_threads_are_answered()
    {
        Task<Pong>[] answers = [.. ParallelEnumerable.Range(0, 20_000)
            .Select(number => _echo.Ask<Pong>(new Ping(number), Patience))];
        Pong[] pongs = await Task.WhenAll(answers);
        Assert.Equal(Enumerable.Range(0, 20_000), pongs.Select(static pong => pong.Number).Order());
    }

    [Fact]
    public async Task A_system_that_stops_is_lost_at_once_and_is_then_sought_outside()
    {
        TaskCompletionSource<Terminated> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.Equal(1, (await _echo.Ask<Pong>(new Ping(1), Patience)).Number);
        IActorRef watcher = _client.ActorOf(Props.Create(() => new Watcher(_echo, end)));
        Assert.Equal(2, (await watcher.Ask<Pong>(new Ping(2), Patience)).Number);
        await _serving.Stop();
        Assert.True((await end.Task.WaitAsync(Patience)).ConnectionLost);
        Assert.True(_outside.IsDisposed);
        _echo.Tell(new Ping(3));
        Assert.True(SpinWait.SpinUntil(() => _outside.Connected.Contains(Address), Patience));
    }

    [Fact]
    public void What_is_sent_before_the_other_end_is_started_waits_for_it()
    {
        (IConnection here, IConnection there) = Connect("tcp:127.0.0.1:1");
        Recorder sender = new();
        Recorder receiver = new(memoryBytes: 3);
        here.Start(sender);
        Assert.Equal(SendResult.Pending, here.Send([new byte[] { 1, 2 }, new byte[] { 3, 4, 5 }]));
        there.Start(receiver);
        Assert.Equal(["sent True"], sender.Heard);
        Assert.Equal([1, 2, 3, 4, 5], receiver.Received);
        Assert.Equal(SendResult.Done, here.Send([new byte[] { 6 }]));
        Assert.Equal([1, 2, 3, 4, 5, 6], receiver.Received);
    }

    [Fact]
    public void An_end_before_the_start_is_told_at_the_start_and_ends_the_send_that_waits()
    {
        (IConnection here, IConnection there) = Connect("tcp:127.0.0.1:1");
        Recorder sender = new();
        Recorder receiver = new();
        here.Start(sender);
        here.Send([new byte[] { 1 }]);
        there.Close();
        there.Start(receiver);
        Assert.Equal(["sent False", "the other side closed the connection"], sender.Heard);
        Assert.Equal(["closed"], receiver.Heard);
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public void Who_refuses_what_it_received_ends_the_connection_and_hears_of_the_end_last()
    {
        (IConnection here, IConnection there) = Connect("tcp:127.0.0.1:1");
        Recorder sender = new();
        Recorder receiver = new(takesMax: 1);
        here.Start(sender);
        there.Start(receiver);
        Assert.Equal(SendResult.Done, here.Send([new byte[] { 1 }]));
        Assert.Equal(SendResult.Closed, here.Send([new byte[] { 2 }]));
        Assert.Equal(SendResult.Closed, here.Send([new byte[] { 3 }]));
        Assert.Equal(SendResult.Closed, there.Send([new byte[] { 4 }]));
        here.Close();
        Assert.Equal(["closed"], receiver.Heard);
        Assert.Equal(["the other side closed the connection"], sender.Heard);
        Assert.Equal([1, 2], receiver.Received);
    }

    [Fact]
    public void An_end_from_within_a_receive_is_told_after_it()
    {
        (IConnection here, IConnection there) = Connect("tcp:127.0.0.1:1");
        Recorder receiver = new() { OnReceive = here.Close };
        here.Start(new Recorder());
        there.Start(receiver);
        here.Send([new byte[] { 1 }, new byte[] { 2 }]);
        Assert.Equal([1], receiver.Received);
        Assert.Equal(["the other side closed the connection"], receiver.Heard);
        Assert.False(receiver.WasToldWhileReceiving);
    }

    private (IConnection Here, IConnection There) Connect(string address)
    {
        IConnection? here = null;
        IConnection? there = null;
        _transport.Listen(address, connection => there = connection);
        _transport.Connect(address, result => here = result.Connection);
        return (here!, there!);
    }

    /// <summary>The transport of everybody else: it takes every address, and connects to none.</summary>
    private sealed class Outside : ITransport
    {
        internal System.Collections.Concurrent.ConcurrentBag<string> Connected { get; } = [];

        internal bool IsDisposed { get; private set; }

        public IListener Listen(string address, Action<IConnection> accepted) => new Listener(this, address);

        public void Connect(string address, Action<ConnectResult> done)
        {
            Connected.Add(address);
            done(new ConnectResult(null, "nobody is outside"));
        }

        private sealed class Listener(Outside outside, string address) : IListener
        {
            public string LocalAddress => address;

            public void Dispose() => outside.IsDisposed = true;
        }
    }

    /// <summary>Notes what it is told.</summary>
    private sealed class Recorder(int memoryBytes = 16, int takesMax = int.MaxValue) : IConnectionHandler
    {
        private readonly byte[] _memory = new byte[memoryBytes];
        private bool _isReceiving;

        public Memory<byte> ReceiveMemory => _memory;

        internal List<byte> Received { get; } = [];

        internal List<string> Heard { get; } = [];

        internal bool WasToldWhileReceiving { get; private set; }

        internal Action? OnReceive { get; init; }

        public bool OnReceived(int countBytes)
        {
            _isReceiving = true;
            Received.AddRange(_memory.AsSpan(0, countBytes));
            OnReceive?.Invoke();
            _isReceiving = false;
            return Received.Count <= takesMax;
        }

        public void OnSent(bool ok) => Heard.Add($"sent {ok}");

        public void OnClosed(string reason)
        {
            WasToldWhileReceiving |= _isReceiving;
            Heard.Add(reason);
        }
    }

    /// <summary>Watches, and passes what it is asked on.</summary>
    private sealed class Watcher(IActorRef actor, TaskCompletionSource<Terminated> end) : Actor
    {
        protected override void PreStart() => Context.Watch(actor);

        protected override void Receive(object message)
        {
            if (message is Terminated terminated)
            {
                end.TrySetResult(terminated);
                return;
            }

            actor.Tell(message, Sender);
        }
    }
}
