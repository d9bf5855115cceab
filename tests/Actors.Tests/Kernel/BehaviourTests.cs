using Replication.TestKit;

namespace Replication.Actors.Tests.Kernel;

public sealed class BehaviourTests : TestKitBase
{
    [Fact]
    public void Become_replaces_the_behaviour_and_Unbecome_goes_back_to_the_first_one()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props((self, message) =>
        {
            TestActor.Tell($"first {message}");
            self.Ctx.Become(inner =>
            {
                TestActor.Tell($"second {inner}");
                self.Ctx.Unbecome();
            });
        }));
        Tell(actor, 1, 2, 3);
        Assert.Equal(["first 1", "second 2", "first 3"], ReceiveN(3));
    }

    [Fact]
    public void Behaviours_that_were_not_discarded_come_back_one_by_one()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props((self, message) =>
        {
            TestActor.Tell($"first {message}");
            self.Ctx.Become(Second, discardOld: false);

            void Second(object inner)
            {
                TestActor.Tell($"second {inner}");
                self.Ctx.Become(Third, discardOld: false);
            }

            void Third(object inner)
            {
                TestActor.Tell($"third {inner}");
                self.Ctx.Unbecome();
                self.Ctx.Unbecome();
            }
        }));
        Tell(actor, 1, 2, 3, 4);
        Assert.Equal(["first 1", "second 2", "third 3", "first 4"], ReceiveN(4));
    }

    [Fact]
    public void A_restart_begins_with_the_first_behaviour_again()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props((self, message) =>
        {
            TestActor.Tell($"first {message}");
            self.Ctx.Become(_ => throw new InvalidOperationException("boom"), discardOld: false);
        }));
        Tell(actor, 1, 2, 3);
        Assert.Equal(["first 1", "first 3"], ReceiveN(2));
    }

    [Fact]
    public void A_message_without_a_case_is_published_as_unhandled()
    {
        IActorRef actor =
            Sys.ActorOf(ScriptedActor.Props(static (self, message) => self.CallUnhandled(message)));
        EventFilter.Unhandled<string>().ExpectOne(() => actor.Tell("what?"));
    }

    [Fact]
    public void Forward_keeps_the_first_sender_and_a_message_without_one_comes_from_the_dead_letters()
    {
        IActorRef relay =
            Sys.ActorOf(ScriptedActor.Props((self, message) => self.Ctx.Forward(TestActor, message)));
        TestProbe origin = CreateTestProbe();
        origin.Send(relay, "hello");
        ExpectMsg("hello");
        Assert.Same(origin.Ref, Probe.LastSender);
        relay.Tell("anonymous");
        ExpectMsg("anonymous");
        Assert.Same(Sys.DeadLetters, Probe.LastSender);
    }

    [Fact]
    public void The_context_is_not_there_in_a_constructor()
    {
        IActorRef actor = Sys.ActorOf(new Props(() =>
        {
            ScriptedActor made = new(static (_, _) => { });
            Assert.Throws<InvalidOperationException>(() => made.Ctx);
            TestActor.Tell("made");
            return made;
        }));
        ExpectMsg("made");
        Assert.NotNull(actor);
    }

    [Fact]
    public void Names_are_unique_among_siblings_and_are_free_again_when_the_end_is_heard_of()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props(static (_, _) => { }), "only");
        Assert.Throws<InvalidOperationException>(
            () => Sys.ActorOf(ScriptedActor.Props(static (_, _) => { }), "only"));
        Assert.Same(actor, Sys.Find("only"));
        Assert.Equal("replication://test/user/only", actor.Path.ToString());

        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);
        Assert.Null(Sys.Find("only"));
        IActorRef next = Sys.ActorOf(ScriptedActor.Props((_, message) => TestActor.Tell(message)), "only");
        next.Tell("alive");
        ExpectMsg("alive");
        Assert.NotEqual(actor, next);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("$1")]
    public void Names_that_would_not_be_one_element_of_a_path_are_refused(string name) =>
        Assert.Throws<ArgumentException>(() => Sys.ActorOf(ScriptedActor.Props(static (_, _) => { }), name));

    private static void Tell(IActorRef actor, params int[] messages)
    {
        foreach (int message in messages)
        {
            actor.Tell(message);
        }
    }
}
