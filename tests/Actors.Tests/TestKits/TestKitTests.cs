using Replication.Actors.Asking;
using Replication.Actors.Logging;
using Replication.TestKit;
using Replication.TestKit.Simulation;

namespace Replication.Actors.Tests.TestKits;

public sealed class TestKitTests() : TestKitBase(seed: 77)
{
    [Fact]
    public void An_expectation_runs_virtual_time_up_to_its_timeout_and_no_further()
    {
        Sys.Scheduler.TellOnce(TimeSpan.FromSeconds(2), TestActor, "late");
        ExpectMsg("late", TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(2), World.Elapsed);
    }

    [Fact]
    public void A_message_of_another_type_fails_and_the_failure_names_it_and_the_seed()
    {
        TestActor.Tell(42);
        TestActor.Tell("next");
        var failure = Assert.Throws<SimulationFailedException>(() => ExpectMsg<string>());
        Assert.Contains("Int32: 42", failure.Message, StringComparison.Ordinal);
        Assert.Contains("seed 77", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_arriving_fails_after_the_timeout_of_virtual_time()
    {
        Assert.Throws<SimulationFailedException>(() => ExpectMsg<string>(timeout: TimeSpan.FromSeconds(9)));
        Assert.Equal(TimeSpan.FromSeconds(9), World.Elapsed);
    }

    [Fact]
    public void ExpectNoMsg_fails_when_something_arrives()
    {
        ExpectNoMsg();
        TestActor.Tell("unwanted");
        var failure = Assert.Throws<SimulationFailedException>(() => ExpectNoMsg());
        Assert.Contains("unwanted", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fishing_skips_what_does_not_fit_and_lists_it_on_failure()
    {
        TestActor.Tell(1);
        TestActor.Tell("two");
        TestActor.Tell(3);
        Assert.Equal("two", FishForMessage<string>());
        var failure = Assert.Throws<SimulationFailedException>(() => FishForMessage<int>(n => n > 3));
        Assert.Contains("Int32: 3", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReceiveN_gives_messages_in_order_and_says_how_many_came_when_too_few_do()
    {
        TestActor.Tell(1);
        TestActor.Tell(2);
        TestActor.Tell(3);
        Assert.Equal([1, 2], ReceiveN(2));
        var failure = Assert.Throws<SimulationFailedException>(() => ReceiveN(2));
        Assert.Contains("only 1 arrived", failure.Message, StringComparison.Ordinal);
        Assert.Null(ReceiveOne(TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void Within_gives_its_expectations_what_is_left_of_its_time()
    {
        Sys.Scheduler.TellOnce(TimeSpan.FromMilliseconds(400), TestActor, "first");
        Within(TimeSpan.FromMilliseconds(500), () => ExpectMsg("first"));
        Assert.Throws<SimulationFailedException>(
            () => Within(TimeSpan.FromMilliseconds(500), () => ExpectMsg<string>()));
        Assert.Equal(TimeSpan.FromMilliseconds(900), World.Elapsed);
        Assert.Throws<SimulationFailedException>(
            () => Within(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), static () => { }));
    }

    [Fact]
    public void AwaitAssert_runs_until_the_assertion_holds_or_reports_its_last_failure()
    {
        int value = 0;
        World.After(TimeSpan.FromSeconds(1), () => value = 1);
        AwaitAssert(() => Assert.Equal(1, value));
        var failure =
            Assert.Throws<SimulationFailedException>(() => AwaitAssert(() => Assert.Equal(2, value)));
        Assert.IsAssignableFrom<Xunit.Sdk.XunitException>(failure.InnerException);
    }

    [Fact]
    public void A_probe_sends_replies_and_forwards_under_the_right_names()
    {
        TestProbe a = CreateTestProbe();
        TestProbe b = CreateTestProbe();
        TestProbe c = CreateTestProbe();
        a.Send(b.Ref, "question");
        b.ExpectMsg("question");
        Assert.Same(a.Ref, b.LastSender);
        b.Reply("answer");
        a.ExpectMsg("answer");
        b.Forward(c.Ref);
        c.ExpectMsg("question");
        Assert.Same(a.Ref, c.LastSender);
    }

    [Fact]
    public void A_probe_sees_the_end_of_whom_it_watches()
    {
        TestProbe watched = CreateTestProbe();
        Watch(watched.Ref);
        ExpectNoMsg();
        Sys.Stop(watched.Ref);
        ExpectTerminated(watched.Ref);
    }

    [Fact]
    public void An_autopilot_answers_by_itself_and_the_messages_can_still_be_expected()
    {
        Probe.SetAutoPilot((message, sender) => sender.Tell($"re: {message}"));
        Assert.Equal("re: hello", Await(TestActor.Ask<string>("hello", TimeSpan.FromSeconds(1))));
        ExpectMsg("hello");
    }

    [Fact]
    public void An_event_filter_counts_log_entries_by_level_and_text()
    {
        EventFilter.Warning("disk").ExpectOne(() =>
        {
            Sys.Log.Error("here", "disk on fire");
            Sys.Log.Warning("here", "disk warm");
        });
        EventFilter.Error("fire").ExpectNone(() => Sys.Log.Error("here", "water"));

        var failure = Assert.Throws<SimulationFailedException>(
            () => EventFilter.Info("x").ExpectOne(() => Sys.Log.Info("here", "something else")));
        Assert.Contains("something else", failure.Message, StringComparison.Ordinal);
        Assert.Throws<SimulationFailedException>(() => EventFilter.Info("x").ExpectOne(() =>
        {
            Sys.Log.Info("here", "x");
            Sys.Log.Info("here", "x");
        }));
    }

    [Fact]
    public void An_event_filter_sees_dead_letters_and_unhandled_messages_by_type()
    {
        IActorRef deaf = Sys.ActorOf(Props.Create(static () => new Deaf()), "deaf");
        EventFilter.Unhandled<string>().ExpectOne(() => deaf.Tell("hello"));
        EventFilter.DeadLetter<int>(n => n == 7).ExpectOne(() => Sys.DeadLetters.Tell(7));
        EventFilter.Event<LogEvent>().ExpectNone(static () => { });
    }

    [Fact]
    public void Shutdown_ends_every_actor()
    {
        Watch(Sys.ActorOf(Props.Create(static () => new Deaf()), "deaf"));
        Shutdown();
        Assert.True(Sys.WhenTerminated.IsCompleted);
    }

    private sealed class Deaf : Actor
    {
        protected override void Receive(object message) => Unhandled(message);
    }
}
