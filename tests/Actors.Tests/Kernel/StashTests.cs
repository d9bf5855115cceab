using Replication.Actors.Mailboxes;
using Replication.Actors.Watch;
using Replication.TestKit;

namespace Replication.Actors.Tests.Kernel;

public sealed class StashTests : TestKitBase
{
    [Fact]
    public void What_was_stashed_comes_back_oldest_first_and_before_what_waits()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props((self, message) =>
        {
            if (message is "open")
            {
                self.Ctx.Become(inner => TestActor.Tell(inner));
                self.Ctx.Stash.UnstashAll();
            }
            else
            {
                self.Ctx.Stash.StashCurrent();
            }
        }));
        Tell(actor, "a", "b", "open", "c");
        Assert.Equal(["a", "b", "c"], ReceiveN(3));
    }

    [Fact]
    public void A_message_stashed_again_comes_back_before_those_unstashed_with_it()
    {
        int passes = 0;
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props((self, message) =>
        {
            if (message is "go")
            {
                passes++;
                self.Ctx.Stash.UnstashAll();
            }
            else if (passes == 0 || (passes == 1 && message is "a"))
            {
                self.Ctx.Stash.StashCurrent();
            }
            else
            {
                TestActor.Tell(message);
                passes++;
                self.Ctx.Stash.UnstashAll();
            }
        }));
        Tell(actor, "a", "b", "c", "go");
        Assert.Equal(["b", "a", "c"], ReceiveN(3));
    }

    [Fact]
    public void The_sender_comes_back_with_the_message()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props(static (self, message) =>
        {
            if (message is "open")
            {
                self.Ctx.Become(inner => self.From.Tell($"re: {inner}"));
                self.Ctx.Stash.UnstashAll();
            }
            else
            {
                self.Ctx.Stash.StashCurrent();
            }
        }));
        Probe.Send(actor, "question");
        actor.Tell("open");
        ExpectMsg("re: question");
    }

    [Fact]
    public void A_stashed_Terminated_is_delivered_when_it_comes_back()
    {
        IActorRef watched = Sys.ActorOf(ScriptedActor.Props(static (_, _) => { }));
        IActorRef actor = Sys.ActorOf(new Props(() => new ScriptedActor((self, message) =>
        {
            if (message is "open")
            {
                self.Ctx.Become(inner => TestActor.Tell(inner));
                self.Ctx.Stash.UnstashAll();
            }
            else
            {
                self.Ctx.Stash.StashCurrent();
            }
        }) { OnPreStart = self => self.Ctx.Watch(watched) }));
        Settle();
        Sys.Stop(watched);
        Settle();
        actor.Tell("open");
        ExpectMsg<Terminated>(terminated => terminated.Actor == watched);
    }

    [Fact]
    public void A_restart_puts_the_stash_back_for_the_new_instance()
    {
        int lives = 0;
        IActorRef actor = Sys.ActorOf(new Props(() =>
        {
            int life = ++lives;
            return new ScriptedActor((self, message) =>
            {
                if (life > 1)
                {
                    TestActor.Tell(message);
                }
                else if (message is "fail")
                {
                    throw new InvalidOperationException("boom");
                }
                else
                {
                    self.Ctx.Stash.StashCurrent();
                }
            });
        }));
        Tell(actor, "a", "b", "fail", "c");
        Assert.Equal(["a", "b", "c"], ReceiveN(3));
    }

    [Fact]
    public void What_is_in_the_stash_of_an_actor_that_stops_goes_to_the_dead_letters()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props(static (self, _) => self.Ctx.Stash.StashCurrent()));
        Tell(actor, "a", "b");
        Settle();
        EventFilter.DeadLetter<string>().Expect(2, () => Sys.Stop(actor));
    }

    [Fact]
    public void A_full_stash_fails_the_actor()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props(static (self, _) => self.Ctx.Stash.StashCurrent()));
        for (int count = 0; count < IStash.CapacityMax; count++)
        {
            actor.Tell("one");
        }

        EventFilter.Error("is full at 10000 messages").ExpectNone(Settle, TimeSpan.Zero);
        EventFilter.Error("is full at 10000 messages").ExpectOne(() => actor.Tell("one more"), TimeSpan.Zero);
    }

    private static void Tell(IActorRef actor, params string[] messages)
    {
        foreach (string message in messages)
        {
            actor.Tell(message);
        }
    }
}
