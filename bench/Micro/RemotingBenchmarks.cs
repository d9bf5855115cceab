using BenchmarkDotNet.Attributes;
using Replication.Actors;
using Replication.Actors.Remoting;
using Replication.Messages;
using Replication.Messages.Codecs;

namespace Replication.Micro;

/// <summary>
/// What a message costs between two systems on one machine, each figure of one message: a confirmation and
/// back, with codecs, frames and sockets. Akka.NET's published figures are 0.7 to 1.9 million remote messages
/// a second on larger machines, 0.5 to 1.4 µs each.
/// </summary>
[MemoryDiagnoser]
public class RemotingBenchmarks
{
    private const int Messages = 20_000;
    private static readonly TimeSpan HangLimit = TimeSpan.FromMinutes(1);

    private ActorSystem _near = null!;
    private ActorSystem _far = null!;
    private IActorRef _ping = null!;

    /// <summary>The network between the systems.</summary>
    [Params("tcp:127.0.0.1:0", "unix")]
    public string Network { get; set; } = string.Empty;

    /// <summary>Messages on their way at the same time.</summary>
    [Params(1, 64, 1024)]
    public int InFlight { get; set; }

    /// <summary>Two systems, an echo in one of them.</summary>
    [GlobalSetup]
    public void Start()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        string listen = Network == "unix" ? $"unix:{path}" : Network;
        RemotingOptions options = new() { Codecs = ReplicationCodecs.All };
        _far = ActorSystem.Create("far");
        _far.ActorOf(new Props(static () => new EchoActor()), "echo");
        Remoting far = Remoting.Start(_far, options with { Listen = listen });
        _near = ActorSystem.Create("near");
        IActorRef echo = Remoting.Start(_near, options).ActorFor(far.LocalAddress, "echo");
        ConfirmReplica ball = new(Tag: 1, new ReplicaTicket(1, 1, 1));
        _ping = _near.ActorOf(new Props(() => new PingActor(echo, ball)));
    }

    /// <summary>Ends both.</summary>
    [GlobalCleanup]
    public Task Stop() => Task.WhenAll(_near.Terminate(), _far.Terminate());

    /// <summary>To and fro.</summary>
    [Benchmark(OperationsPerInvoke = 2 * Messages)]
    public Task PingPong()
    {
        PingActor.Round round = new(Messages, InFlight);
        _ping.Tell(round);
        return round.Done.Task.WaitAsync(HangLimit);
    }
}
