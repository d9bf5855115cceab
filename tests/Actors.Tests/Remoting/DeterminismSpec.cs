using Replication.Actors.Remoting;
using Replication.TestKit.Simulation;
using RemotingOf = Replication.Actors.Remoting.Remoting;

namespace Replication.Actors.Tests.Remoting;

/// <summary>
/// Remoting decides by nothing but the seed; and under faults order is kept and watches always end.
/// </summary>
public sealed class DeterminismSpec
{
    private const int Seeds = 50;
    private static readonly string[] Names = ["one", "two", "three"];

    [Fact]
    public void Fifty_seeds_of_three_nodes_under_faults_run_twice_with_equal_traces()
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            Assert.Equal(Run(seed), Run(seed));
        }
    }

    private static (ulong Hash, long Steps) Run(ulong seed)
    {
        SimulatedWorld world = new(seed);
        SimulatedNetwork network = new(world) { BreakChance = 0.005 };
        SeededIdSource random = world.Random("faults");
        List<string> failures = [];
        foreach (string name in Names)
        {
            Start(world, network, name, failures);
        }

        for (int round = 0; round < 20; round++)
        {
            Disturb(world, network, random, failures);
            world.RunFor(TimeSpan.FromMilliseconds(random.NextInt(1500)));
        }

        Assert.True(failures.Count == 0, $"seed {seed}: {string.Join("; ", failures)}");
        return (world.Trace.Hash, world.StepCount);
    }

    private static void Disturb(
        SimulatedWorld world, SimulatedNetwork network, SeededIdSource random, List<string> failures)
    {
        string one = random.Pick(Names);
        string other = random.Pick(Names);
        switch (random.NextInt(5))
        {
            case 0:
                network.CutOneWay(one, other);
                break;
            case 1:
                network.Cut(one, other);
                break;
            case 2:
                network.Break(one, other);
                break;
            case 3:
                world.Node(one).Crash();
                Start(world, network, one, failures);
                break;
            default:
                foreach (string from in Names)
                {
                    Array.ForEach(Names, to => network.Heal(from, to));
                }

                break;
        }
    }

    private static void Start(
        SimulatedWorld world, SimulatedNetwork network, string name, List<string> failures)
    {
        SimulatedNode node = world.StartNode(name);
        RemotingOf remoting = RemotingOf.Start(node.System, new RemotingOptions
        {
            Transport = network.For(node),
            Listen = $"tcp:{name}:1",
            Codecs = TestCodecs.All,
        });
        node.System.ActorOf(Props.Create(static () => new EchoActor()), "echo");
        foreach (string other in Names)
        {
            if (!string.Equals(other, name, StringComparison.Ordinal))
            {
                IActorRef echo = remoting.ActorFor($"tcp:{other}:1", "echo");
                node.System.ActorOf(Props.Create(() => new Caller(echo, failures)));
            }
        }
    }

    /// <summary>Pings all the time, watches all the time, and notes an answer that is out of order.</summary>
    private sealed class Caller(IActorRef echo, List<string> failures) : Actor
    {
        private int _lastSent;
        private int _lastAnswered;

        protected override void PreStart()
        {
            Context.Watch(echo);
            Context.Timers.StartPeriodic("ping", "ping", TimeSpan.FromMilliseconds(50));
        }

        protected override void Receive(object message)
        {
            switch (message)
            {
                case "ping":
                    echo.Tell(new Ping(++_lastSent), Self);
                    echo.Tell(new Ping(++_lastSent), Self);
                    break;
                case Pong pong when pong.Number <= _lastAnswered:
                    failures.Add($"{Self.Path}: {pong.Number} came after {_lastAnswered}");
                    break;
                case Pong pong:
                    _lastAnswered = pong.Number;
                    break;
                case Watch.Terminated:
                    Context.Watch(echo);
                    break;
            }
        }
    }
}
