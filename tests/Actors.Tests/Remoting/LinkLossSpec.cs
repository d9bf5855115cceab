using Replication.Actors.Watch;

namespace Replication.Actors.Tests.Remoting;

/// <summary>How the loss of a peer is found, what it leads to, and how links come back.</summary>
public sealed class LinkLossSpec : RemotingSpecBase
{
    private static readonly TimeSpan Pause = Defaults.AcceptablePause;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void A_partition_is_found_within_the_acceptable_pause_on_both_sides()
    {
        IActorRef echo = LinkAndWatch(out TestKit.TestProbe there, out IActorRef watchedFromThere);
        Network.Cut(Here, There);
        ExpectNoMsg(Pause - Defaults.HeartbeatInterval - Moment);
        Assert.True(ExpectTerminated(echo, Defaults.HeartbeatInterval + Moment).ConnectionLost);
        Assert.True(there.ExpectTerminated(watchedFromThere, Moment).ConnectionLost);
    }

    [Fact]
    public void A_cut_of_one_way_is_found_by_both_sides()
    {
        IActorRef echo = LinkAndWatch(out TestKit.TestProbe there, out IActorRef watchedFromThere);
        Network.CutOneWay(Here, There);
        Assert.True(there.ExpectTerminated(watchedFromThere, Pause).ConnectionLost);
        Assert.True(ExpectTerminated(echo, Moment).ConnectionLost);
    }

    [Fact]
    public void A_cut_of_the_other_way_is_found_by_both_sides()
    {
        IActorRef echo = LinkAndWatch(out TestKit.TestProbe there, out IActorRef watchedFromThere);
        Network.CutOneWay(There, Here);
        Assert.True(ExpectTerminated(echo, Pause).ConnectionLost);
        Assert.True(there.ExpectTerminated(watchedFromThere, Moment).ConnectionLost);
    }

    [Fact]
    public void A_broken_connection_counts_at_once()
    {
        IActorRef echo = LinkAndWatch(out TestKit.TestProbe there, out IActorRef watchedFromThere);
        Network.Break(Here, There);
        Assert.True(ExpectTerminated(echo, Moment).ConnectionLost);
        Assert.True(there.ExpectTerminated(watchedFromThere, Moment).ConnectionLost);
    }

    [Fact]
    public void A_crashed_peer_counts_at_once()
    {
        IActorRef echo = LinkAndWatch(out _, out _);
        World.Node(There).Crash();
        Assert.True(ExpectTerminated(echo, Moment).ConnectionLost);
    }

    [Fact]
    public void A_quiet_link_stays_up()
    {
        LinkAndWatch(out _, out _);
        ExpectNoMsg(TimeSpan.FromMinutes(5));
        Assert.Equal(2, Network.ConnectionCount);
    }

    [Fact]
    public void A_short_cut_loses_nothing()
    {
        IActorRef echo = LinkAndWatch(out _, out _);
        Network.Cut(Here, There);
        Probe.Send(echo, new Ping(1));
        Advance(TimeSpan.FromSeconds(2));
        Network.Heal(Here, There);
        ExpectMsg(new Pong(1));
        ExpectNoMsg(Pause + Pause);
    }

    [Fact]
    public void What_waited_for_a_lost_peer_becomes_dead_letters()
    {
        StartBoth();
        ExpectEchoes(Echo);
        Network.WindowBytes = 0;
        Network.Cut(Here, There);
        EventFilter.DeadLetter<Ping>().Expect(
            9,
            () =>
            {
                for (int number = 0; number < 10; number++)
                {
                    Probe.Send(Echo, new Ping(number));
                    Settle();
                }
            },
            Pause + Moment);
    }

    [Fact]
    public void The_next_message_links_again()
    {
        IActorRef echo = LinkAndWatch(out _, out _);
        IActorRef byNumber = Probe.LastSender;
        Network.Break(Here, There);
        ExpectTerminated(echo);
        ExpectEchoes(echo);

        // The same life of the other system: the old number still means the same actor.
        Assert.Equal(byNumber, Probe.LastSender);
        ExpectEchoes(byNumber);
    }

    [Fact]
    public void Attempts_in_a_row_wait_longer_and_longer_up_to_a_bound()
    {
        StartHere();
        List<TimeSpan> waits = [];
        for (int attempt = 0; attempt < 10; attempt++)
        {
            TimeSpan before = World.Elapsed;
            EventFilter.DeadLetter<Ping>().ExpectOne(() => Probe.Send(Echo, new Ping(1)), Pause + Moment);
            waits.Add(World.Elapsed - before);
        }

        Assert.True(waits[0] < Moment);
        Assert.InRange(waits[1], Defaults.BackoffMin * 0.75, Defaults.BackoffMin + Moment);
        Assert.InRange(waits[3], Defaults.BackoffMin * 4 * 0.75, (Defaults.BackoffMin * 4) + Moment);
        Assert.InRange(waits[9], Defaults.BackoffMax * 0.75, Defaults.BackoffMax + Moment);
    }

    [Fact]
    public void A_restarted_peer_is_another_life()
    {
        IActorRef echo = LinkAndWatch(out _, out _);
        IActorRef ofFirstLife = Probe.LastSender;
        Watch(ofFirstLife);
        Advance(Moment);
        World.Node(There).Crash();
        StartThere();
        Terminated[] ends = [ExpectMsg<Terminated>(), ExpectMsg<Terminated>()];
        Assert.All(ends, static end => Assert.True(end.ConnectionLost));
        Assert.Equal([echo, ofFirstLife], ends.Select(static end => end.Actor).Order(new NamedFirst()));

        ExpectEchoes(echo);
        Assert.NotEqual(ofFirstLife, Probe.LastSender);
        EventFilter.DeadLetter<Ping>().ExpectOne(() => Probe.Send(ofFirstLife, new Ping(1)));
        Watch(ofFirstLife);
        Assert.True(ExpectTerminated(ofFirstLife).ConnectionLost);
    }

    [Fact]
    public void A_message_to_an_earlier_life_never_reaches_the_actor_that_has_its_number_now()
    {
        IActorRef echo = LinkAndWatch(out _, out _);
        IActorRef ofFirstLife = Probe.LastSender;
        World.Node(There).Crash();
        StartThere();
        ExpectTerminated(echo);

        // Told while nothing is known of the next life yet.
        EventFilter.DeadLetter<Ping>().ExpectOne(() => Probe.Send(ofFirstLife, new Ping(1)));
        ExpectNoMsg();
    }

    [Fact]
    public void A_life_that_comes_while_the_last_seems_alive_ends_the_last()
    {
        // Power loss: nobody says that the connections of the first life are gone.
        StartThere();
        StartHere(Defaults with { Listen = "tcp:here:4000" });
        TestKit.TestProbe watcher = CreateTestProbe("watcher");
        Greet();
        watcher.ExpectMsg(new Ping(1));
        IActorRef first = watcher.LastSender;
        watcher.Watch(first);
        Advance(Moment);
        Network.CutOneWay(There, Here);
        World.Node(There).Crash();
        StartThere();
        Network.Forget(There);
        Network.Heal(There, Here);
        Greet();
        Assert.True(watcher.ExpectTerminated(first, TimeSpan.FromMilliseconds(100)).ConnectionLost);
        watcher.ExpectMsg(new Ping(1));
        Assert.NotEqual(first, watcher.LastSender);

        void Greet() => CreateTestProbe("greeter", ThereSystem).Send(
            ThereRemoting.ActorFor("tcp:here:4000", "watcher"), new Ping(1));
    }

    [Fact]
    public void Stopping_sends_what_is_queued_and_tells_the_other_side()
    {
        LinkAndWatch(out TestKit.TestProbe there, out IActorRef watchedFromThere);
        Probe.Send(Remoting.ActorFor(ThereAddress, "watcher"), new Ping(5));
        Task stopped = null!;
        EventFilter.Info("stops in good order", ThereSystem).ExpectOne(() => stopped = Remoting.Stop());
        there.ExpectMsg(new Ping(5));
        Assert.True(there.ExpectTerminated(watchedFromThere).ConnectionLost);
        AwaitCondition(() => stopped.IsCompleted);
        Assert.Equal(0, Network.ConnectionCount);
    }

    [Fact]
    public void After_a_stop_messages_are_dead_letters_and_watches_end_at_once()
    {
        LinkAndWatch(out _, out _);
        IActorRef echo = Echo;
        Task stopped = Remoting.Stop();
        AwaitCondition(() => stopped.IsCompleted);
        Assert.True(ExpectTerminated(echo).ConnectionLost);
        EventFilter.DeadLetter<Ping>().ExpectOne(() => Probe.Send(echo, new Ping(1)));
        Watch(echo);
        Assert.True(ExpectTerminated(echo).ConnectionLost);
    }

    /// <summary>A link that both sides watch across; the probe has one pong behind it.</summary>
    private IActorRef LinkAndWatch(out TestKit.TestProbe there, out IActorRef watchedFromThere)
    {
        StartBoth();
        there = CreateTestProbe("watcher", ThereSystem);
        Probe.Send(Remoting.ActorFor(ThereAddress, "watcher"), new Ping(0));
        there.ExpectMsg(new Ping(0));
        watchedFromThere = there.LastSender;
        there.Watch(watchedFromThere);
        IActorRef echo = Echo;
        Watch(echo);
        ExpectEchoes(echo);
        Advance(Moment);
        return echo;
    }

    /// <summary>Refs by name before refs by number.</summary>
    private sealed class NamedFirst : IComparer<IActorRef>
    {
        public int Compare(IActorRef? x, IActorRef? y) => Rank(x!).CompareTo(Rank(y!));

        private static int Rank(IActorRef actor) => actor.Path.Elements.StartsWith('$') ? 1 : 0;
    }
}
