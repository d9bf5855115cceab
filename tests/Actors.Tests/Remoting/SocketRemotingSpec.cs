using Replication.Actors.Asking;
using Replication.Actors.Remoting;
using Replication.Actors.Watch;
using RemotingOf = Replication.Actors.Remoting.Remoting;

namespace Replication.Actors.Tests.Remoting;

/// <summary>
/// Remoting over real sockets; everything finer is in the specs over the simulated network.
/// </summary>
public sealed class SocketRemotingSpec : IAsyncLifetime
{
    private const string Tcp = "tcp:127.0.0.1:0";
    private const string Unix = "unix:";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ActorSystem _server = ActorSystem.Create("server");
    private readonly ActorSystem _client = ActorSystem.Create("client");
    private RemotingOf _serving = null!;
    private RemotingOf _calling = null!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _calling.Stop();
        await _serving.Stop();
        await _client.Terminate();
        await _server.Terminate();
    }

    [Theory]
    [InlineData(Tcp)]
    [InlineData(Unix)]
    public async Task An_ask_across_a_socket_is_answered(string listen)
    {
        IActorRef echo = Start(listen);
        for (int number = 0; number < 100; number++)
        {
            Pong pong = await echo.Ask<Pong>(new Ping(number), Patience);
            Assert.Equal(number, pong.Number);
        }
    }

    [Theory]
    [InlineData(Tcp)]
    [InlineData(Unix)]
    public async Task Payloads_of_every_size_come_back_unchanged(string listen)
    {
        IActorRef echo = Start(listen);
        await Payloads.AssertComeBackUnchangedAsync(
            echo,
            [1, 100, 4095, 4096, 4097, 32_700, 65_535, 65_536, 100_000, 1 << 20, (1 << 20) + 1, 32 << 20],
            Patience);

        // What comes by itself after a long one is not waited for as a long one is.
        await Payloads.AssertComeBackUnchangedAsync(echo, [100], Patience);
    }

    [Theory]
    [InlineData(Tcp)]
    [InlineData(Unix)]
    public async Task Many_messages_told_at_once_arrive_in_order(string listen)
    {
        const int count = 100_000;
        IActorRef echo = Start(listen);
        OrderProbe probe = new(count);
        IActorRef teller = _client.ActorOf(Props.Create(() => new Teller(echo, probe)));
        teller.Tell(count);
        Assert.Equal(count, await probe.InOrder.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_reset_connection_counts_at_once()
    {
        using FaultyProxy proxy = StartBehindProxy(new RemotingOptions());
        IActorRef echo = _calling.ActorFor(proxy.Address, "echo");
        Task<Terminated> end = Watched(echo);
        Assert.Equal(1, (await echo.Ask<Pong>(new Ping(1), Patience)).Number);
        proxy.Reset();
        Assert.True((await end.WaitAsync(Patience)).ConnectionLost);
    }

    [Fact]
    public async Task A_silent_connection_counts_after_the_pause()
    {
        using FaultyProxy proxy = StartBehindProxy(new RemotingOptions
        {
            HeartbeatInterval = TimeSpan.FromMilliseconds(100),
            AcceptablePause = TimeSpan.FromSeconds(1),
        });
        IActorRef echo = _calling.ActorFor(proxy.Address, "echo");
        Task<Terminated> end = Watched(echo);
        Assert.Equal(1, (await echo.Ask<Pong>(new Ping(1), Patience)).Number);
        proxy.Silence();
        Assert.True((await end.WaitAsync(Patience)).ConnectionLost);
    }

    [Fact]
    public async Task A_stale_socket_file_is_replaced_and_a_live_one_is_not()
    {
        string address = Address(Unix);
        string path = address[Unix.Length..];
        using (System.Net.Sockets.Socket left = new(
            System.Net.Sockets.AddressFamily.Unix,
            System.Net.Sockets.SocketType.Stream,
            System.Net.Sockets.ProtocolType.Unspecified))
        {
            // Bound and closed without a word: what a killed process leaves behind.
            left.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
            File.Move(path, path + ".left");
        }

        File.Move(path + ".left", path);
        IActorRef echo = Start(address);
        Assert.Equal(1, (await echo.Ask<Pong>(new Ping(1), Patience)).Number);

        ActorSystem second = ActorSystem.Create("second");
        IOException refused = Assert.Throws<IOException>(
            () => RemotingOf.Start(second, new RemotingOptions { Listen = address }));
        Assert.Contains(address, refused.Message, StringComparison.Ordinal);
        await second.Terminate();
    }

    [Fact]
    public void A_socket_is_its_owners_alone()
    {
        string address = Address(Unix);
        Start(address);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(address[Unix.Length..]));
    }

    [Fact]
    public async Task A_file_that_is_no_socket_is_left_alone()
    {
        Start(Tcp);
        string address = Address(Unix);
        await File.WriteAllTextAsync(address[Unix.Length..], "precious");
        ActorSystem system = ActorSystem.Create("third");
        IOException refused = Assert.Throws<IOException>(
            () => RemotingOf.Start(system, new RemotingOptions { Listen = address }));
        Assert.Contains(address, refused.Message, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(address[Unix.Length..]));
        File.Delete(address[Unix.Length..]);
        await system.Terminate();
    }

    [Fact]
    public async Task A_path_is_measured_in_bytes()
    {
        Start(Tcp);
        ActorSystem system = ActorSystem.Create("third");
        IOException refused = Assert.Throws<IOException>(() => RemotingOf.Start(
            system, new RemotingOptions { Listen = $"unix:/tmp/{new string('\u00e4', 52)}" }));
        Assert.Contains("at most 107 bytes", refused.Message, StringComparison.Ordinal);
        await system.Terminate();
    }

    [Theory]
    [InlineData("somewhere")]
    [InlineData("tcp:127.0.0.1")]
    [InlineData("tcp:127.0.0.1:99999")]
    [InlineData("unix:")]
    public void What_is_no_address_is_refused_with_what_one_is(string address)
    {
        Start(Tcp);
        ActorSystem system = ActorSystem.Create("third");
        IOException refused = Assert.Throws<IOException>(
            () => RemotingOf.Start(system, new RemotingOptions { Listen = address }));
        Assert.Contains("tcp:HOST:PORT or unix:/path", refused.Message, StringComparison.Ordinal);
    }

    private static string Address(string listen) =>
        listen == Unix
            ? $"unix:{Path.Combine(Path.GetTempPath(), $"remoting-{Guid.NewGuid():N}.sock")}"
            : listen;

    private IActorRef Start(string listen, RemotingOptions? calling = null)
    {
        RemotingOptions options = new() { ClusterName = "test", Codecs = TestCodecs.All };
        _server.ActorOf(Props.Create(static () => new EchoActor()), "echo");
        _serving = RemotingOf.Start(_server, options with { Listen = Address(listen) });
        _calling = RemotingOf.Start(
            _client, (calling ?? options) with { ClusterName = "test", Codecs = TestCodecs.All });
        return _calling.ActorFor(_serving.LocalAddress, "echo");
    }

    private FaultyProxy StartBehindProxy(RemotingOptions calling)
    {
        Start(Tcp, calling);
        return new FaultyProxy(_serving.LocalAddress);
    }

    private Task<Terminated> Watched(IActorRef actor)
    {
        TaskCompletionSource<Terminated> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _client.ActorOf(Props.Create(() => new Watcher(actor, end)));
        return end.Task;
    }

    /// <summary>Completes with how many pongs came in the order of their numbers.</summary>
    private sealed class OrderProbe(int count) : CallbackRef
    {
        private readonly TaskCompletionSource<int> _inOrder =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _received;
        private int _ordered;

        internal Task<int> InOrder => _inOrder.Task;

        protected override void OnMessage(object message, IActorRef? sender)
        {
            _ordered += ((Pong)message).Number == _received ? 1 : 0;
            if (++_received == count)
            {
                _inOrder.SetResult(_ordered);
            }
        }
    }

    /// <summary>Told a count, sends that many pings at once, and hands on each answer.</summary>
    private sealed class Teller(IActorRef echo, OrderProbe probe) : Actor
    {
        protected override void Receive(object message)
        {
            if (message is not int count)
            {
                probe.Tell(message);
                return;
            }

            for (int number = 0; number < count; number++)
            {
                echo.Tell(new Ping(number), Self);
            }
        }
    }

    private sealed class Watcher(IActorRef actor, TaskCompletionSource<Terminated> end) : Actor
    {
        protected override void PreStart() => Context.Watch(actor);

        protected override void Receive(object message) => end.TrySetResult((Terminated)message);
    }
}
