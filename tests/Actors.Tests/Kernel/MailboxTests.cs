using Replication.Actors.Events;
using Replication.Actors.Mailboxes;
using Replication.Actors.Watch;
using Replication.TestKit;

namespace Replication.Actors.Tests.Kernel;

public sealed class MailboxTests : TestKitBase
{
    [Fact]
    public void Messages_of_one_sender_arrive_in_the_order_in_which_they_were_told()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props((self, message) => self.From.Tell(message)));
        for (int number = 0; number < 200; number++)
        {
            actor.Tell(number, TestActor);
        }

        Assert.Equal(Enumerable.Range(0, 200).Cast<object>(), ReceiveN(200));
    }

    [Fact]
    public void Messages_told_before_an_actor_has_started_wait_for_it()
    {
        IActorRef actor = Sys
            .ActorOf(new Props(() => new ScriptedActor((self, message) => TestActor.Tell(message))
        {
            OnPreStart = _ => TestActor.Tell("started"),
        }));
        actor.Tell("first");
        Assert.Equal(["started", "first"], ReceiveN(2));
    }

    [Fact]
    public void The_kernels_own_messages_overtake_all_user_messages_that_wait()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props((_, message) => TestActor.Tell(message)));
        Settle();
        Watch(actor);
        EventFilter.DeadLetter<string>().Expect(3, () =>
        {
            actor.Tell("one");
            actor.Tell("two");
            actor.Tell("three");
            Sys.Stop(actor);
        });
        ExpectTerminated(actor);
    }

    [Fact]
    public void A_bounded_mailbox_sends_what_exceeds_it_to_the_dead_letters_and_takes_more_once_emptied()
    {
        IActorRef actor = Sys.ActorOf(
            ScriptedActor.Props((_, message) => TestActor.Tell(message)).WithMailboxCapacity(2));
        Settle();
        EventFilter.DeadLetter<int>(number => number == 3).ExpectOne(() =>
        {
            actor.Tell(1);
            actor.Tell(2);
            actor.Tell(3);
        });
        Assert.Equal([1, 2], ReceiveN(2));
        actor.Tell(4);
        ExpectMsg(4);
    }

    [Fact]
    public void What_waits_in_a_mailbox_with_a_label_can_be_seen_from_outside_until_its_actor_ends()
    {
        MailboxLabel label = new("part", "b");
        Props labelled = ScriptedActor.Props(static (_, _) => { }) with { MailboxLabel = label };
        IActorRef actor = Sys.ActorOf(labelled);
        IActorRef other = Sys.ActorOf(labelled);
        Sys.ActorOf(labelled with { MailboxLabel = new MailboxLabel("part", "a") });
        Settle();
        actor.Tell(1);
        actor.Tell(2);
        other.Tell(3);

        Assert.Equal([("a", 0), ("b", 3)], Lengths());
        Settle();
        Assert.Equal([("a", 0), ("b", 0)], Lengths());
        Sys.Stop(actor);
        Sys.Stop(other);
        Settle();
        Assert.Equal([("a", 0)], Lengths());
    }

    [Fact]
    public void A_label_binds_no_mailbox_and_a_child_has_one_as_well()
    {
        Props child = ScriptedActor.Props(static (_, _) => { }) with { MailboxLabel = new("child") };
        IActorRef? made = null;
        IActorRef parent = Sys.ActorOf(ScriptedActor.Props((self, _) => made = self.Ctx.ActorOf(child)));
        parent.Tell("make it");
        Settle();
        for (int number = 0; number < 5000; number++)
        {
            made!.Tell(number);
        }

        Assert.Equal([("", 5000)], Lengths());
        Settle();
        Assert.Equal([("", 0)], Lengths());
    }

    [Fact]
    public void A_full_mailbox_loses_neither_the_end_of_a_watched_actor_nor_a_timer()
    {
        IActorRef watched = Sys.ActorOf(ScriptedActor.Props(static (_, _) => { }));
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props((self, message) =>
        {
            TestActor.Tell(message);
            if (message is "begin")
            {
                self.Ctx.Watch(watched);
                self.Ctx.Timers.StartSingle("key", "tick", TimeSpan.Zero);
                self.Ctx.System.Stop(watched);
                self.Ctx.Self.Tell("fills the mailbox");
                self.Ctx.Self.Tell("does not fit");
            }
        }).WithMailboxCapacity(1));
        actor.Tell("begin");

        IReadOnlyList<object> arrived = ReceiveN(4);
        Assert.Contains("tick", arrived);
        Assert.Contains(arrived, message => message is Terminated terminated && terminated.Actor == watched);
        ExpectNoMsg();
    }

    [Fact]
    public void A_listener_to_dead_letters_that_is_full_or_has_ended_makes_no_endless_chain_of_them()
    {
        IActorRef full = Sys.ActorOf(ScriptedActor.Props(static (_, _) => { }).WithMailboxCapacity(1));
        Sys.EventStream.Subscribe<DeadLetter>(full);
        Settle();
        Sys.DeadLetters.Tell("one");
        Sys.DeadLetters.Tell("two");
        Sys.Stop(full);
        Sys.DeadLetters.Tell("three");
        World.RunUntilIdle(stepsMax: 100);
    }

    private IEnumerable<(string Name, int Count)> Lengths() =>
        Sys.MailboxLengths().Select(static length => (length.Label.Name, length.Count));
}
