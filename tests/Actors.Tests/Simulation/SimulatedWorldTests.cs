using Replication.TestKit.Simulation;

namespace Replication.Actors.Tests.Simulation;

public sealed class SimulatedWorldTests
{
    [Fact]
    public void Time_stands_still_until_nothing_can_run_and_then_jumps_to_the_next_event()
    {
        SimulatedWorld world = new(seed: 1);
        List<TimeSpan> fired = [];
        world.After(TimeSpan.FromSeconds(5), () => fired.Add(world.Elapsed));
        world.After(TimeSpan.FromSeconds(2), () => fired.Add(world.Elapsed));

        world.RunUntilIdle();
        Assert.Empty(fired);

        world.RunFor(TimeSpan.FromSeconds(10));
        Assert.Equal([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5)], fired);
        Assert.Equal(TimeSpan.FromSeconds(10), world.Elapsed);
    }

    [Fact]
    public void A_periodic_timer_fires_each_period_until_it_is_changed_or_disposed()
    {
        SimulatedWorld world = new(seed: 1);
        int fired = 0;
        ITimer timer = world.Time.CreateTimer(
            _ => fired++, state: null, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10));

        world.RunFor(TimeSpan.FromMilliseconds(35));
        Assert.Equal(3, fired);

        timer.Change(TimeSpan.FromMilliseconds(100), Timeout.InfiniteTimeSpan);
        world.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(4, fired);

        timer.Change(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
        timer.Dispose();
        world.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(4, fired);
        Assert.False(timer.Change(TimeSpan.Zero, TimeSpan.Zero));
    }

    [Fact]
    public void What_escapes_an_event_fails_with_the_seed_and_the_last_steps()
    {
        SimulatedWorld world = new(seed: 4711);
        world.After(TimeSpan.FromSeconds(1), () => throw new InvalidOperationException("boom"));

        var failure = Assert.Throws<SimulationFailedException>(() => world.RunFor(TimeSpan.FromSeconds(2)));
        Assert.Contains("seed 4711", failure.Message, StringComparison.Ordinal);
        Assert.Contains("boom", failure.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(failure.InnerException);
    }

    [Fact]
    public void A_run_that_never_ends_fails_at_the_limit_of_steps_with_the_seed()
    {
        SimulatedWorld world = new(seed: 99);
        IActorRef spinner =
            world.CreateSystem("node1").ActorOf(Props.Create(static () => new Spinner()), "spinner");
        spinner.Tell("go");

        var failure = Assert.Throws<SimulationFailedException>(() => world.RunUntilIdle(stepsMax: 500));
        Assert.Contains("seed 99", failure.Message, StringComparison.Ordinal);
        Assert.Contains("node1/user/spinner  String", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_condition_that_does_not_come_to_hold_fails_after_its_limit_of_virtual_time()
    {
        SimulatedWorld world = new(seed: 3);
        var failure = Assert.Throws<SimulationFailedException>(
            () => world.RunUntil(() => false, TimeSpan.FromSeconds(7), "pigs fly"));
        Assert.Contains("pigs fly", failure.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(7), world.Elapsed);
    }

    [Fact]
    public void A_paused_node_loses_nothing_and_goes_on_where_it_stopped()
    {
        SimulatedWorld world = new(seed: 5);
        SimulatedNode node = world.StartNode("node1");
        List<object> seen = [];
        IActorRef recorder = node.System.ActorOf(Props.Create(() => new Recorder(seen)), "recorder");
        world.RunUntilIdle();

        node.System.Scheduler.TellOnce(TimeSpan.FromSeconds(1), recorder, "timer");
        node.Pause();
        recorder.Tell("told");
        world.RunFor(TimeSpan.FromSeconds(3));
        Assert.Empty(seen);

        node.Resume();
        world.RunUntilIdle();
        Assert.Equal(["timer", "told"], seen.Order());
    }

    [Fact]
    public void A_crashed_node_never_runs_again_and_its_next_life_is_another()
    {
        SimulatedWorld world = new(seed: 6);
        SimulatedNode first = world.StartNode("node1");
        List<object> seen = [];
        IActorRef recorder = first.System.ActorOf(Props.Create(() => new Recorder(seen)), "recorder");
        world.RunUntilIdle();
        int crashes = 0;
        first.OnCrash(() => crashes++);
        first.System.Scheduler.TellOnce(TimeSpan.FromSeconds(1), recorder, "timer");
        recorder.Tell("waiting");

        first.Crash();
        recorder.Tell("late");
        world.RunFor(TimeSpan.FromSeconds(2));
        SimulatedNode second = world.StartNode("node1");

        Assert.Empty(seen);
        Assert.Equal(1, crashes);
        Assert.Equal(2, second.Life);
        Assert.NotEqual(first.System.Uid, second.System.Uid);
    }

    [Fact]
    public void A_lagging_node_runs_its_work_later()
    {
        SimulatedWorld world = new(seed: 7);
        SimulatedNode node = world.StartNode("node1");
        List<object> seen = [];
        IActorRef recorder = node.System.ActorOf(Props.Create(() => new Recorder(seen)), "recorder");
        world.RunUntilIdle();

        node.Lag = TimeSpan.FromMilliseconds(30);
        recorder.Tell("slow");
        world.RunFor(TimeSpan.FromMilliseconds(29));
        Assert.Empty(seen);
        world.RunFor(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["slow"], seen);
    }

    [Fact]
    public void Streams_of_one_seed_do_not_disturb_each_other()
    {
        SeededIdSource network = new(seed: 1, "network");
        ulong[] undisturbed = [network.NextUInt64(), network.NextUInt64()];

        SimulatedWorld world = new(seed: 1);
        SeededIdSource disk = world.Random("disk");
        SeededIdSource again = world.Random("network");
        disk.NextUInt64();

        Assert.Equal(undisturbed[0], again.NextUInt64());
        disk.NextUInt64();
        Assert.Equal(undisturbed[1], again.NextUInt64());
        Assert.NotEqual(undisturbed[0], new SeededIdSource(seed: 2, "network").NextUInt64());
    }

    [Fact]
    public void Work_that_a_foreign_thread_schedules_during_a_run_is_an_error()
    {
        SimulatedWorld world = new(seed: 8);
        IActorRef recorder =
            world.CreateSystem("node1").ActorOf(Props.Create(static () => new Recorder([])), "recorder");
        world.After(TimeSpan.Zero, () =>
        {
            Thread intruder = new(() => recorder.Tell("from outside"));
            intruder.Start();
            intruder.Join();
        });

        var failure = Assert.Throws<SimulationFailedException>(() => world.RunFor(TimeSpan.FromSeconds(1)));
        Assert.Contains("escaped the seams", failure.Message, StringComparison.Ordinal);
    }

    private sealed class Spinner : Actor
    {
        protected override void Receive(object message) => Self.Tell(message);
    }

    private sealed class Recorder(List<object> seen) : Actor
    {
        protected override void Receive(object message) => seen.Add(message);
    }
}
