using Replication.Actors.Supervision;
using Replication.TestKit;

namespace Replication.Actors.Tests.Kernel;

public sealed class SupervisionTests : TestKitBase
{
    [Fact]
    public void Resume_keeps_the_state_and_drops_the_message_that_failed()
    {
        IActorRef child = Supervise(static _ => Directive.Resume);
        Tell(child, "count", "fail", "count");
        Expect("child started", "child count 1", "child count 2");
    }

    [Fact]
    public void Restart_makes_a_new_instance_and_keeps_the_mailbox()
    {
        IActorRef child = Supervise(static _ => Directive.Restart);
        Tell(child, "count", "fail", "count");
        Expect(
            "child started",
            "child count 1",
            "child restarting after fail on fail",
            "child stopped",
            "child restarted",
            "child started",
            "child count 1");
    }

    [Fact]
    public void Stop_ends_the_child_and_what_waits_goes_to_the_dead_letters()
    {
        IActorRef child = Supervise(static _ => Directive.Stop);
        Expect("child started");
        Watch(child);
        EventFilter.DeadLetter<string>(static text => text == "count")
            .ExpectOne(() => Tell(child, "fail", "count"));
        Expect("child stopped");
        ExpectTerminated(child);
    }

    [Fact]
    public void Escalate_fails_the_parent_with_the_childs_cause_and_a_restart_of_it_stops_the_child()
    {
        IActorRef child = Supervise(static _ => Directive.Escalate, top: static _ => Directive.Restart);
        Expect("child started");
        child.Tell("fail");
        Expect(
            "parent restarting after fail on fail",
            "parent stopped",
            "child stopped",
            "parent restarted",
            "parent started",
            "child started");
    }

    [Fact]
    public void Escalate_and_resume_of_the_parent_resumes_the_child_that_failed()
    {
        IActorRef child = Supervise(static _ => Directive.Escalate, top: static _ => Directive.Resume);
        Tell(child, "count", "fail", "count");
        Expect("child started", "child count 1", "child count 2");
    }

    [Fact]
    public void A_decider_that_throws_escalates_its_own_failure()
    {
        IActorRef child = Supervise(
            static _ => throw new InvalidOperationException("bad decider"),
            top: static _ => Directive.Restart);
        child.Tell("fail");
        FishForMessage<string>(static text => text == "parent restarting after bad decider on fail");
        FishForMessage<string>(static text => text == "parent started" || text == "child started");
    }

    [Fact]
    public void Children_stop_before_the_restarted_instance_starts()
    {
        IActorRef parent = null!;
        Sys.ActorOf(new Props(() => new ScriptedActor(static (_, _) => { })
        {
            OnPreStart = self => parent = self.Ctx.ActorOf(new Props(() => new ChildActor("parent", TestActor)
            {
                StartsChild = context => context.ActorOf(Child(), "c"),
            })),
        }));
        Expect("parent started", "child started");
        parent.Tell("fail");
        Expect(
            "parent restarting after fail on fail",
            "parent stopped",
            "child stopped",
            "parent restarted",
            "parent started",
            "child started");
    }

    [Fact]
    public void Children_that_PreRestart_keeps_go_on_under_the_new_instance()
    {
        IActorRef child = null!;
        IActorRef parent = Sys.ActorOf(new Props(() => new ScriptedActor(static (_, message) =>
            throw new InvalidOperationException($"{message}"))
        {
            OnPreStart = self =>
            {
                child = self.Ctx.ActorOf(Child(), "c");
                self.Ctx.ActorOf(ScriptedActor.Props(static (_, _) => { }), "not kept");
            },
            OnPreRestart = static (self, _, _) => self.Ctx.Stop(self.Ctx.Child("not kept")!),
            OnPostRestart = (self, _) => TestActor.Tell(
                $"kept {self.Ctx.Child("c") == child} and {self.Ctx.Child("not kept") is not null}"),
        }));
        Settle();
        child.Tell("count");
        Expect("child started", "child count 1");
        parent.Tell("boom");
        Expect("kept True and False");
        child.Tell("count");
        Expect("child count 2");
    }

    [Fact]
    public void Children_handle_nothing_while_their_parent_awaits_its_verdict()
    {
        IActorRef child = null!;
        IActorRef parent = null!;
        Sys.ActorOf(new Props(() => new ScriptedActor(static (_, _) => { })
        {
            OnPreStart = self => parent = self.Ctx.ActorOf(new Props(() => new ScriptedActor(static (_, _) =>
                throw new InvalidOperationException("boom"))
            {
                OnPreStart = inner => child = inner.Ctx.ActorOf(Child()),
                OnPreRestart = static (_, _, _) => { },
                OnPostRestart = static (_, _) => { },
            })),
            Strategy = SupervisorStrategy.OneForOne(static _ => Directive.Restart)
                .WithBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)),
        }));
        Expect("child started");
        parent.Tell("fail");
        Settle();
        child.Tell("hello");
        ExpectNoMsg(TimeSpan.FromMilliseconds(999));
        Expect("child got hello");
    }

    [Fact]
    public void A_child_that_failed_itself_is_not_set_going_by_its_parents_resume()
    {
        // The child's restart is a minute away when its parent fails and is resumed.
        IActorRef child = null!;
        IActorRef parent = null!;
        Sys.ActorOf(new Props(() => new ScriptedActor(static (_, _) => { })
        {
            OnPreStart = self => parent = self.Ctx.ActorOf(new Props(() => new ScriptedActor(static (_, _) =>
                throw new InvalidOperationException("boom"))
            {
                OnPreStart = inner => child = inner.Ctx.ActorOf(Child()),
                Strategy = SupervisorStrategy.OneForOne(static _ => Directive.Restart)
                    .WithBackoff(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)),
            })),
            Strategy = SupervisorStrategy.OneForOne(static _ => Directive.Resume),
        }));
        Settle();
        Tell(child, "count", "fail", "count");
        Expect("child started", "child count 1");
        parent.Tell("fail");
        ExpectNoMsg(TimeSpan.FromSeconds(59));
        Expect("child restarting after fail on fail", "child stopped", "child restarted", "child started");
        Expect("child count 1");
    }

    [Fact]
    public void A_stop_during_a_restart_calls_PostStop_once()
    {
        // The stop comes while the restart waits for the child to end: PreRestart has seen to the instance
        // then.
        int stops = 0;
        IActorRef actor = Sys.ActorOf(new Props(() => new ScriptedActor(static (_, _) =>
            throw new InvalidOperationException("boom"))
        {
            OnPreStart = static self => self.Ctx.ActorOf(ScriptedActor.Props(static (_, _) => { })),
            OnPreRestart = (self, _, _) =>
            {
                self.Ctx.StopChildren();
                stops++;
                self.Ctx.Stop(self.Ctx.Self);
            },
            OnPostStop = _ => stops++,
        }));
        Watch(actor);
        Settle();
        actor.Tell("fail");
        ExpectTerminated(actor);
        Assert.Equal(1, stops);
    }

    [Fact]
    public void A_factory_that_fails_once_is_tried_again_and_one_that_cannot_be_resumed_ends()
    {
        int tries = 0;
        Props failing = new(() => ++tries == 1
            ? throw new InvalidOperationException("no instance")
            : new ChildActor("child", TestActor));
        Sys.ActorOf(failing);
        Expect("child restarted", "child started");

        IActorRef never = Supervise(
            static _ => Directive.Resume,
            new Props(static () => throw new InvalidOperationException("never")));
        Watch(never);
        ExpectTerminated(never);
    }

    [Fact]
    public void A_failure_is_logged_with_its_cause_and_verdict()
    {
        IActorRef child = Supervise(static _ => Directive.Stop);
        EventFilter.Error("failed: fail!; verdict Stop").ExpectOne(() => child.Tell("fail!"));
    }

    private IActorRef Supervise(
        Func<Exception, Directive> decide, Props? child = null, Func<Exception, Directive>? top = null)
    {
        IActorRef made = null!;
        Props childProps = child ?? Child();
        Props parent = top is null
            ? new Props(() => new ScriptedActor(static (_, _) => { })
            {
                OnPreStart = self => made = self.Ctx.ActorOf(childProps),
                Strategy = SupervisorStrategy.OneForOne(decide),
            })
            : new Props(() => new ScriptedActor(static (_, _) => { })
            {
                OnPreStart = self => self.Ctx.ActorOf(new Props(() => new ChildActor("parent", TestActor)
                {
                    StartsChild = context => made = context.ActorOf(childProps),
                    Strategy = SupervisorStrategy.OneForOne(decide),
                })),
                Strategy = SupervisorStrategy.OneForOne(top),
            });
        Sys.ActorOf(parent);
        Settle();
        if (top is not null)
        {
            Expect("parent started");
        }

        return made;
    }

    private Props Child() => new(() => new ChildActor("child", TestActor));

    private void Expect(params string[] messages) =>
        Assert.Equal<object>(messages, ReceiveN(messages.Length));

    private static void Tell(IActorRef actor, params string[] messages)
    {
        foreach (string message in messages)
        {
            actor.Tell(message);
        }
    }
}
