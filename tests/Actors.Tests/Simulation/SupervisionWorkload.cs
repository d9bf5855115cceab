using Replication.Actors.Supervision;
using Replication.Actors.Watch;
using Replication.TestKit.Simulation;

namespace Replication.Actors.Tests.Simulation;

/// <summary>
/// Two nodes of players under supervisors: players throw balls to each other, watch each other, set timers,
/// stash now and then, and fail at random; supervisors answer each failure by another directive. One node
/// crashes half way and comes back. What the seed brought about is counted, so that a spec can see that all
/// of it was covered.
/// </summary>
internal sealed class SupervisionWorkload
{
    private readonly SeededIdSource _random;
    private readonly List<IActorRef> _players = [];

    private SupervisionWorkload(SimulatedWorld world) => _random = world.Random("workload");

    internal int Balls { get; set; }

    internal int Restarts { get; set; }

    internal int Resumes { get; set; }

    internal int Stops { get; set; }

    internal int Escalations { get; set; }

    internal int Ends { get; set; }

    internal int Ticks { get; set; }

    internal int Stashed { get; set; }

    /// <summary>Runs the workload of a seed and returns its counts.</summary>
    /// <param name="world">A new world.</param>
    /// <param name="disturb">Called with each thrown ball: where a spec brings in what no seed
    /// decides.</param>
    internal static SupervisionWorkload Run(SimulatedWorld world, Func<int, int>? disturb = null)
    {
        SupervisionWorkload load = new(world);
        foreach (string name in new[] { "node1", "node2" })
        {
            load.Populate(world.StartNode(name));
        }

        world.After(TimeSpan.FromSeconds(1), () =>
        {
            world.Node("node2").Crash();
            load._players.RemoveAll(static player => player.Path.ToString().Contains("node2"));
            load.Populate(world.StartNode("node2"));
        });
        world.After(TimeSpan.FromMilliseconds(300), world.Node("node1").Pause);
        world.After(TimeSpan.FromMilliseconds(350), world.Node("node1").Resume);
        for (int at = 0; at < 2_000; at += 50)
        {
            world.After(TimeSpan.FromMilliseconds(at), () => load.Throw(disturb?.Invoke(20) ?? 20));
        }

        world.RunFor(TimeSpan.FromSeconds(3), stepsMax: 200_000);
        return load;
    }

    internal IActorRef AnyPlayer() => _random.Pick(_players);

    internal IActorRef? AnyPlayerOrNull() => _players.Count == 0 ? null : AnyPlayer();

    internal bool Chance(double probability) => _random.Chance(probability);

    internal Directive AnyDirective()
    {
        Directive directive = (Directive)_random.NextInt(4);
        switch (directive)
        {
            case Directive.Resume:
                Resumes++;
                break;
            case Directive.Restart:
                Restarts++;
                break;
            case Directive.Stop:
                Stops++;
                break;
            default:
                Escalations++;
                break;
        }

        return directive;
    }

    internal void Join(IActorRef player) => _players.Add(player);

    private void Populate(SimulatedNode node)
    {
        for (int index = 0; index < 2; index++)
        {
            bool all = index == 1;
            node.System.ActorOf(new Props(() => new Supervisor(this, all)), $"supervisor{index}");
        }
    }

    private void Throw(int hops)
    {
        for (int ball = 0; ball < 3 && _players.Count > 0; ball++)
        {
            AnyPlayer().Tell(new Ball(hops));
        }
    }

    private sealed record Ball(int HopsLeft);

    private sealed record Tick;

    private sealed class Supervisor(SupervisionWorkload load, bool all) : Actor
    {
        private const int PlayersMax = 4;

        protected override SupervisorStrategy SupervisorStrategy =>
            (all
                ? SupervisorStrategy.AllForOne(_ => load.AnyDirective())
                : SupervisorStrategy.OneForOne(_ => load.AnyDirective()))
            .WithLimit(20, TimeSpan.FromSeconds(1))
            .WithBackoff(TimeSpan.FromMilliseconds(all ? 5 : 0), TimeSpan.FromMilliseconds(50));

        protected override void PreStart()
        {
            for (int index = 0; index < PlayersMax; index++)
            {
                StartPlayer();
            }
        }

        protected override void Receive(object message)
        {
            if (message is Terminated terminated)
            {
                load.Ends++;
                load._players.Remove(terminated.Actor);
                StartPlayer();
            }
        }

        private void StartPlayer()
        {
            IActorRef player = Context.ActorOf(new Props(() => new Player(load)));
            Context.Watch(player);
            load.Join(player);
        }
    }

    private sealed class Player(SupervisionWorkload load) : Actor
    {
        private IActorRef? _watched;

        protected override void PreStart()
        {
            Context.Timers.StartPeriodic("tick", new Tick(), TimeSpan.FromMilliseconds(40));
            _watched = load.AnyPlayerOrNull();
            if (_watched is not null)
            {
                Context.Watch(_watched);
            }
        }

        protected override void Receive(object message)
        {
            switch (message)
            {
                case Ball when load.Chance(0.05):
                    throw new InvalidOperationException("dropped the ball");
                case Ball when load.Chance(0.1):
                    load.Stashed++;
                    Context.Stash.StashCurrent();
                    Context.Timers.StartSingle("open", "open", TimeSpan.FromMilliseconds(7));
                    break;
                case Ball { HopsLeft: > 0 } ball:
                    load.Balls++;
                    load.AnyPlayerOrNull()?.Tell(new Ball(ball.HopsLeft - 1), Self);
                    break;
                case "open":
                    Context.Stash.UnstashAll();
                    break;
                case Tick when load.Chance(0.01):
                    Context.Stop(Self);
                    break;
                case Tick when load.Chance(0.1) && _watched is not null:
                    Context.Unwatch(_watched);
                    _watched = load.AnyPlayerOrNull() ?? Self;
                    Context.Watch(_watched);
                    break;
                case Tick:
                    load.Ticks++;
                    break;
                case Terminated:
                    load.Ends++;
                    break;
            }
        }
    }
}
