using Replication.Actors.Watch;
using Replication.TestKit;

namespace Replication.Actors.Tests.Kernel;

public sealed class StopTests : TestKitBase
{
    [Fact]
    public void Children_end_before_their_parents_PostStop()
    {
        IActorRef top = Sys.ActorOf(Tree("top", depth: 2));
        Watch(top);
        Settle();
        Sys.Stop(top);
        string[] order = [.. ReceiveN(7).Cast<string>()];
        ExpectTerminated(top);

        Assert.Equal("top", order[^1]);
        foreach (string name in order)
        {
            string parent = name.Contains('.') ? name[..name.LastIndexOf('.')] : "top";
            Assert.True(name == "top" || Array.IndexOf(order, name) < Array.IndexOf(order, parent), name);
        }
    }

    [Fact]
    public void A_stop_takes_effect_after_the_message_being_handled_and_the_rest_are_dead_letters()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props((self, message) =>
        {
            self.Ctx.Stop(self.Ctx.Self);
            TestActor.Tell($"finished {message}");
        }));
        EventFilter.DeadLetter<int>(static number => number == 2).ExpectOne(() =>
        {
            actor.Tell(1);
            actor.Tell(2);
        });
        ExpectMsg("finished 1");
        EventFilter.DeadLetter<int>(static number => number == 3).ExpectOne(() => actor.Tell(3));
    }

    [Fact]
    public void Stopping_twice_ends_once_and_a_PostStop_that_throws_does_not_hold_it_up()
    {
        int stops = 0;
        IActorRef actor = Sys.ActorOf(new Props(() => new ScriptedActor(static (_, _) => { })
        {
            OnPostStop = _ =>
            {
                stops++;
                throw new InvalidOperationException("boom");
            },
        }));
        Watch(actor);
        Settle();
        EventFilter.Error("PostStop failed").ExpectOne(() =>
        {
            Sys.Stop(actor);
            Sys.Stop(actor);
        });
        ExpectTerminated(actor);
        Assert.Equal(1, stops);
    }

    [Fact]
    public void An_actor_that_is_stopping_starts_no_children()
    {
        IActorRef actor = Sys.ActorOf(new Props(() => new ScriptedActor(static (_, _) => { })
        {
            OnPostStop = self => TestActor.Tell(
                Record.Exception(() => self.Ctx.ActorOf(ScriptedActor.Props(static (_, _) => { })))!),
        }));
        Settle();
        Sys.Stop(actor);
        ExpectMsg<InvalidOperationException>();
    }

    [Fact]
    public void A_childs_name_is_free_when_its_parent_hears_of_its_end()
    {
        IActorRef parent = Sys.ActorOf(new Props(() => new ScriptedActor((self, message) =>
        {
            if (message is Terminated)
            {
                Start(self);
                TestActor.Tell("again");
            }
            else
            {
                Assert.Throws<InvalidOperationException>(() => Start(self));
                self.Ctx.Stop(self.Ctx.Child("only")!);
            }
        }) { OnPreStart = Start }));
        parent.Tell("stop it");
        ExpectMsg("again");
        parent.Tell("stop it");
        ExpectMsg("again");

        static void Start(ScriptedActor self) =>
            self.Ctx.Watch(self.Ctx.ActorOf(ScriptedActor.Props(static (_, _) => { }), "only"));
    }

    [Fact]
    public void Terminate_ends_every_actor_and_what_is_started_afterwards_ends_at_once()
    {
        Sys.ActorOf(Tree("top", depth: 2));
        Settle();
        Task ended = Sys.Terminate();
        AwaitCondition(() => ended.IsCompleted);

        int started = 0;
        IActorRef late = Sys.ActorOf(new Props(() => new ScriptedActor(static (_, _) => { })
        {
            OnPreStart = _ => started++,
        }));
        EventFilter.DeadLetter<string>().ExpectOne(() => late.Tell("anybody?"));
        Assert.Equal(0, started);
    }

    private Props Tree(string name, int depth) => new(() => new ScriptedActor(static (_, _) => { })
    {
        OnPreStart = self =>
        {
            for (int index = 0; index < 2 && depth > 0; index++)
            {
                string child = name == "top" ? $"{index}" : $"{name}.{index}";
                self.Ctx.ActorOf(Tree(child, depth - 1));
            }
        },
        OnPostStop = _ => TestActor.Tell(name),
    });
}
