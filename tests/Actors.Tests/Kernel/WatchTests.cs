using Replication.Actors.Watch;
using Replication.TestKit;

namespace Replication.Actors.Tests.Kernel;

public sealed class WatchTests : TestKitBase
{
    [Fact]
    public void The_end_of_a_watched_actor_is_told_once_to_each_watcher()
    {
        TestProbe other = CreateTestProbe();
        IActorRef actor = Idle();
        Watch(actor);
        Watch(actor);
        other.Watch(actor);
        Settle();
        Sys.Stop(actor);
        Assert.False(ExpectTerminated(actor).ConnectionLost);
        other.ExpectTerminated(actor);
        ExpectNoMsg();
    }

    [Fact]
    public void Watching_an_actor_that_has_ended_already_tells_so_at_once()
    {
        IActorRef actor = Idle();
        Sys.Stop(actor);
        Settle();
        Watch(actor);
        ExpectTerminated(actor, TimeSpan.Zero);
    }

    [Fact]
    public void Watching_the_dead_letters_tells_of_their_end() => WatchAndExpect(Sys.DeadLetters);

    [Fact]
    public void Watching_oneself_or_what_is_no_actor_is_not_possible()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props((self, _) =>
        {
            self.Ctx.Watch(self.Ctx.Self);
            TestActor.Tell(Record.Exception(() => self.Ctx.Watch(new Edge()))!);
        }));
        actor.Tell("go");
        ExpectMsg<ArgumentException>();
    }

    [Fact]
    public void An_actor_that_is_no_longer_watched_ends_unheard_of()
    {
        IActorRef actor = Idle();
        Watch(actor);
        Unwatch(actor);
        Settle();
        Sys.Stop(actor);
        ExpectNoMsg();
    }

    [Fact]
    public void An_unwatch_also_takes_back_a_Terminated_that_is_already_in_the_mailbox()
    {
        // The seed decides anew in each round whether the watcher handles the unwatch before or after the
        // end.
        for (int round = 0; round < 50; round++)
        {
            IActorRef actor = Idle();
            IActorRef watcher = Watcher(actor);
            Settle();
            Sys.Stop(actor);
            watcher.Tell("unwatch");
            watcher.Tell("unwatch");
            Settle();
            IReadOnlyList<object> arrived = ReceiveN(Probe.WaitingCount);
            int ended = arrived.Count(static message => message is Terminated);
            Assert.True(ended == 0 || arrived[0] is Terminated, string.Join(", ", arrived));
        }
    }

    [Fact]
    public void A_watch_begun_anew_after_an_unwatch_is_told_exactly_once()
    {
        IActorRef actor = Idle();
        IActorRef watcher = Watcher(actor);
        Settle();
        Sys.Stop(actor);
        watcher.Tell("unwatch");
        watcher.Tell("watch");
        FishForMessage<Terminated>();
        FishForMessageOrNothing();
    }

    [Fact]
    public void A_watched_child_is_heard_of_before_its_watched_parent()
    {
        IActorRef parent = Sys.ActorOf(new Props(() => new ScriptedActor(static (_, _) => { })
        {
            OnPreStart = self => TestActor.Tell(self.Ctx.ActorOf(ScriptedActor.Props(static (_, _) => { }))),
        }));
        IActorRef child = ExpectMsg<IActorRef>();
        Watch(parent);
        Watch(child);
        Settle();
        Sys.Stop(parent);
        ExpectTerminated(child);
        ExpectTerminated(parent);
    }

    [Fact]
    public void What_an_actor_sent_before_it_ended_is_handled_before_its_Terminated()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props((self, _) =>
        {
            TestActor.Tell("last words");
            self.Ctx.Stop(self.Ctx.Self);
        }));
        Watch(actor);
        actor.Tell("go");
        ExpectMsg("last words");
        ExpectTerminated(actor);
    }

    [Fact]
    public void A_restart_is_no_end()
    {
        IActorRef actor =
            Sys.ActorOf(ScriptedActor.Props((_, _) => throw new InvalidOperationException("boom")));
        Watch(actor);
        actor.Tell("fail");
        ExpectNoMsg();
    }

    [Fact]
    public void A_watcher_that_ended_is_forgotten()
    {
        IActorRef actor = Idle();
        IActorRef watcher = Watcher(actor);
        Settle();
        Sys.Stop(watcher);
        Settle();
        EventFilter.DeadLetter<object>().ExpectNone(() => Sys.Stop(actor));
    }

    private IActorRef Idle() => Sys.ActorOf(ScriptedActor.Props(static (_, _) => { }));

    private IActorRef Watcher(
        IActorRef watched) => Sys.ActorOf(new Props(() => new ScriptedActor((self, message) =>
    {
        TestActor.Tell(message);
        switch (message)
        {
            case "watch":
                self.Ctx.Watch(watched);
                break;
            case "unwatch":
                self.Ctx.Unwatch(watched);
                break;
        }
    }) { OnPreStart = self => self.Ctx.Watch(watched) }));

    private void WatchAndExpect(IActorRef actor)
    {
        Watch(actor);
        ExpectTerminated(actor);
    }

    private void FishForMessageOrNothing()
    {
        while (ReceiveOne(TimeSpan.FromSeconds(1)) is { } message)
        {
            Assert.IsNotType<Terminated>(message);
        }
    }

    private sealed class Edge : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender)
        {
        }
    }
}
