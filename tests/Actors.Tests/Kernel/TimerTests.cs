using Replication.TestKit;

namespace Replication.Actors.Tests.Kernel;

public sealed class TimerTests : TestKitBase
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_single_timer_fires_once_after_its_delay_and_is_then_no_longer_active()
    {
        IActorRef actor = Start(static self => self.Ctx.Timers.StartSingle("key", "tick", Second));
        ExpectNoMsg(TimeSpan.FromMilliseconds(999));
        ExpectMsg("tick active False", TimeSpan.FromMilliseconds(1));
        ExpectNoMsg(TimeSpan.FromMinutes(1));
        Assert.NotNull(actor);
    }

    [Fact]
    public void A_periodic_timer_fires_each_interval_until_it_is_cancelled()
    {
        IActorRef actor = Start(static self => self.Ctx.Timers.StartPeriodic("key", "tick", Second));
        for (int round = 0; round < 3; round++)
        {
            ExpectNoMsg(TimeSpan.FromMilliseconds(999));
            ExpectMsg("tick active True", TimeSpan.FromMilliseconds(1));
        }

        actor.Tell("cancel");
        ExpectNoMsg(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Starting_a_key_again_replaces_its_timer()
    {
        Start(static self =>
        {
            self.Ctx.Timers.StartSingle("key", "old", Second);
            self.Ctx.Timers.StartSingle("key", "new", Second * 2);
            self.Ctx.Timers.StartSingle("other key", "other", Second);
        });
        ExpectMsg("other active True");
        ExpectMsg("new active False");
        ExpectNoMsg();
    }

    [Fact]
    public void A_firing_that_waits_in_the_mailbox_is_not_delivered_once_its_timer_is_replaced_or_cancelled()
    {
        // Both firings are in the mailbox, behind a message whose handling replaces one and cancels the
        // other.
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props((self, message) =>
        {
            TestActor.Tell(message);
            switch (message)
            {
                case "start":
                    self.Ctx.Timers.StartSingle("replaced", "old", Second);
                    self.Ctx.Timers.StartSingle("cancelled", "gone", Second);
                    break;
                case "change":
                    self.Ctx.Timers.StartSingle("replaced", "new", Second);
                    self.Ctx.Timers.Cancel("cancelled");
                    break;
            }
        }));
        actor.Tell("start");
        ExpectMsg("start");
        World.Node("test").Pause();
        actor.Tell("change");
        Advance(Second * 2);
        World.Node("test").Resume();
        FishForMessage<string>(static message => message == "new");
        ExpectNoMsg();
    }

    [Fact]
    public void A_tick_that_still_waits_takes_the_place_of_those_that_follow()
    {
        int ticks = 0;
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props((self, message) =>
        {
            if (message is "start")
            {
                self.Ctx.Timers.StartPeriodic("key", "tick", Second);
            }
            else
            {
                ticks++;
            }
        }));
        actor.Tell("start");
        Settle();

        // The actor comes to handle one message in ten periods; of the hundred ticks no queue is left behind.
        World.Node("test").Lag = Second * 10;
        Advance(Second * 100);
        Assert.InRange(ticks, 8, 12);
        World.Node("test").Lag = TimeSpan.Zero;
        ticks = 0;
        Advance(Second * 20);
        Assert.InRange(ticks, 0, 22);
    }

    [Fact]
    public void A_restart_and_a_stop_end_all_timers()
    {
        IActorRef actor = Start(static self =>
        {
            self.Ctx.Timers.StartPeriodic("a", "tick", Second);
            self.Ctx.Timers.StartSingle("b", "tick", Second);
        });
        actor.Tell("fail");
        ExpectNoMsg(Second * 5);

        actor.Tell("start");
        Advance(Second / 2);
        EventFilter.DeadLetter<object>().ExpectNone(() => Sys.Stop(actor), Second * 5);
        ExpectNoMsg();
    }

    [Fact]
    public void The_scheduler_tells_once_unless_it_is_taken_back()
    {
        IDisposable taken = Sys.Scheduler.TellOnce(Second, TestActor, "taken back");
        Sys.Scheduler.TellOnce(Second, TestActor, "told");
        taken.Dispose();
        ExpectMsg("told");
        ExpectNoMsg();
    }

    private IActorRef Start(Action<ScriptedActor> start)
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props((self, message) =>
        {
            switch (message)
            {
                case "start":
                    start(self);
                    break;
                case "cancel":
                    self.Ctx.Timers.Cancel("key");
                    break;
                case "fail":
                    throw new InvalidOperationException("boom");
                default:
                    TestActor.Tell($"{message} active {self.Ctx.Timers.IsActive("key")}");
                    break;
            }
        }));
        actor.Tell("start");
        Settle();
        return actor;
    }
}
