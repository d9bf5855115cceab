using Replication.Actors.Buffers;
using Replication.Actors.Remoting;

namespace Replication.Actors.Tests.Remoting;

/// <summary>Death watch across a link.</summary>
public sealed class WatchSpec : RemotingSpecBase
{
    [Fact]
    public void The_end_of_an_actor_watched_by_name_is_told()
    {
        StartBoth();
        IActorRef echo = Echo;
        Watch(echo);
        ExpectEchoes(echo);
        ThereSystem.Stop(ThereSystem.Find("echo")!);
        Assert.False(ExpectTerminated(echo).ConnectionLost);
    }

    [Fact]
    public void The_end_of_an_actor_watched_by_number_is_told_to_each_watcher()
    {
        StartBoth();
        ExpectEchoes(Echo);
        IActorRef echo = Probe.LastSender;
        TestKit.TestProbe second = CreateTestProbe();
        Watch(echo);
        second.Watch(echo);
        Advance(TimeSpan.FromMilliseconds(100));
        ThereSystem.Stop(ThereSystem.Find("echo")!);
        Assert.False(ExpectTerminated(echo).ConnectionLost);
        Assert.False(second.ExpectTerminated(echo).ConnectionLost);
    }

    [Fact]
    public void Watching_what_does_not_exist_is_answered_at_once()
    {
        StartBoth();
        IActorRef nobody = Remoting.ActorFor(ThereAddress, "nobody");
        Watch(nobody);
        Assert.False(ExpectTerminated(nobody).ConnectionLost);
    }

    [Fact]
    public void Watching_an_unreachable_address_ends_as_lost()
    {
        StartHere();
        IActorRef echo = Echo;
        Watch(echo);
        Assert.True(ExpectTerminated(echo).ConnectionLost);
    }

    [Fact]
    public void An_unwatched_actor_ends_in_silence()
    {
        StartBoth();
        IActorRef echo = Echo;
        Watch(echo);
        ExpectEchoes(echo);
        Unwatch(echo);
        Advance(TimeSpan.FromMilliseconds(100));
        ThereSystem.Stop(ThereSystem.Find("echo")!);
        ExpectNoMsg();
    }

    [Fact]
    public void What_an_actor_sent_before_its_end_comes_before_the_end()
    {
        // Bulk data is slow while control is not: the end may not overtake it there.
        StartBoth();
        Network.WindowBytes = 0;
        ThereSystem.ActorOf(Props.Create(static () => new LastWordsActor()), "last-words");
        IActorRef actor = Remoting.ActorFor(ThereAddress, "last-words");
        Watch(actor);
        Probe.Send(actor, new Ping(100));
        for (int number = 0; number < 100; number++)
        {
            Assert.Equal(number, ExpectMsg<Pong>().Number);
        }

        Assert.False(ExpectTerminated(actor).ConnectionLost);
    }

    [Fact]
    public void A_watch_made_again_after_a_loss_ends_once()
    {
        StartBoth();
        IActorRef echo = Echo;
        Watch(echo);
        ExpectEchoes(echo);
        Network.Break(Here, There);
        Assert.True(ExpectTerminated(echo).ConnectionLost);

        Watch(echo);
        ExpectEchoes(echo);
        ThereSystem.Stop(ThereSystem.Find("echo")!);
        Assert.False(ExpectTerminated(echo).ConnectionLost);
        ExpectNoMsg();
    }

    [Fact]
    public void The_other_side_can_watch_the_sender_of_a_message()
    {
        StartBoth();
        TestKit.TestProbe there = CreateTestProbe("watcher", ThereSystem);
        TestKit.TestProbe watched = CreateTestProbe("watched");
        watched.Send(Remoting.ActorFor(ThereAddress, "watcher"), new Ping(1));
        there.ExpectMsg(new Ping(1));
        IActorRef sender = there.LastSender;
        there.Watch(sender);
        Advance(TimeSpan.FromMilliseconds(100));
        Sys.Stop(watched.Ref);
        Assert.False(there.ExpectTerminated(sender).ConnectionLost);
    }

    /// <summary>Answers a ping with that many pongs and ends.</summary>
    private sealed class LastWordsActor : Actor
    {
        private static PooledBuffer Bulk() => PooledBuffer.Rent(RemotingLimits.BatchBytesMax / 4);

        protected override void Receive(object message)
        {
            for (int number = 0; number < ((Ping)message).Number; number++)
            {
                Sender.Tell(new Pong(number, Bulk()), Self);
            }

            Context.Stop(Self);
        }
    }
}
