using BenchmarkDotNet.Attributes;
using Replication.Actors;
using Replication.Actors.Asking;

namespace Replication.Micro;

/// <summary>
/// What a message costs within a process, each figure of one message. Akka.NET's published figure for a
/// single pair is 228 ns.
/// </summary>
[MemoryDiagnoser]
public class KernelBenchmarks
{
    private const int Messages = 100_000;
    private static readonly TimeSpan HangLimit = TimeSpan.FromMinutes(1);
    private static readonly object Ball = new();

    private ActorSystem _system = null!;
    private IActorRef _counter = null!;
    private IActorRef _echo = null!;
    private IActorRef _ping = null!;

    /// <summary>One system with the actors of all benchmarks.</summary>
    [GlobalSetup]
    public void Start()
    {
        _system = ActorSystem.Create("micro");
        _counter = _system.ActorOf(new Props(static () => new CountingActor()));
        _echo = _system.ActorOf(new Props(static () => new EchoActor()));
        _ping = _system.ActorOf(new Props(() => new PingActor(_echo, Ball)));
    }

    /// <summary>Ends the system.</summary>
    [GlobalCleanup]
    public Task Stop() => _system.Terminate();

    /// <summary>One thread tells one actor, which does next to nothing.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public Task Tell()
    {
        CountingActor.Goal goal = new(Messages);
        _counter.Tell(goal);
        for (int sent = 0; sent < Messages; sent++)
        {
            _counter.Tell(Ball);
        }

        return goal.Done.Task.WaitAsync(HangLimit);
    }

    /// <summary>One message goes to and fro between two actors.</summary>
    [Benchmark(OperationsPerInvoke = 2 * Messages)]
    public Task PingPong() => PlayAsync(inFlight: 1);

    /// <summary>Sixty-four at the same time.</summary>
    [Benchmark(OperationsPerInvoke = 2 * Messages)]
    public Task PingPong64() => PlayAsync(inFlight: 64);

    /// <summary>A question from outside, awaited.</summary>
    [Benchmark]
    public Task<object> Ask() => _echo.Ask<object>(Ball, HangLimit);

    private Task PlayAsync(int inFlight)
    {
        PingActor.Round round = new(Messages, inFlight);
        _ping.Tell(round);
        return round.Done.Task.WaitAsync(HangLimit);
    }
}
