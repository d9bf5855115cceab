using Replication.Actors.Supervision;
using Replication.TestKit;

namespace Replication.Actors.Tests.Kernel;

public sealed class SupervisionLimitTests : TestKitBase
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_child_that_fails_more_often_than_its_limit_is_stopped()
    {
        IActorRef[] children = Supervise(Restarting().WithLimit(2, TimeSpan.Zero), "child");
        Watch(children[0]);
        FailAndExpectRestart(children[0], "child");
        Advance(TimeSpan.FromDays(1));
        FailAndExpectRestart(children[0], "child");
        children[0].Tell("fail");
        Expect("child stopped");
        ExpectTerminated(children[0]);
    }

    [Fact]
    public void A_limit_of_zero_stops_at_the_first_failure()
    {
        IActorRef[] children = Supervise(Restarting().WithLimit(0, Second), "child");
        children[0].Tell("fail");
        Expect("child stopped");
    }

    [Fact]
    public void Failures_outside_the_window_do_not_count()
    {
        IActorRef[] children = Supervise(Restarting().WithLimit(1, Second), "child");
        for (int round = 0; round < 5; round++)
        {
            FailAndExpectRestart(children[0], "child");
            Advance(Second * 1.5);
        }

        FailAndExpectRestart(children[0], "child");
        children[0].Tell("fail");
        Expect("child stopped");
    }

    [Fact]
    public void Backoff_doubles_with_failures_in_a_row_up_to_a_maximum_and_starts_over_after_a_quiet_run()
    {
        IActorRef[] children = Supervise(Restarting().WithBackoff(Second, Second * 4), "child");
        foreach (int delay in new[] { 1, 2, 4, 4 })
        {
            children[0].Tell("fail");
            children[0].Tell("count");
            ExpectNoMsg((Second * delay) - TimeSpan.FromMilliseconds(1));
            ExpectRestart("child");
            Expect("child count 1");
        }

        for (int round = 0; round < 2; round++)
        {
            Advance(Second * 4.5);
            children[0].Tell("fail");
            ExpectNoMsg(Second - TimeSpan.FromMilliseconds(1));
            Within(TimeSpan.FromMilliseconds(1), () => ExpectRestart("child"));
        }
    }

    [Fact]
    public void A_child_that_ran_for_less_than_the_longest_delay_backs_off_further()
    {
        IActorRef[] children = Supervise(Restarting().WithBackoff(Second, Second * 4), "child");
        children[0].Tell("fail");
        Advance(Second);
        ExpectRestart("child");
        Advance(Second * 3.9);
        children[0].Tell("fail");
        ExpectNoMsg((Second * 2) - TimeSpan.FromMilliseconds(1));
        ExpectRestart("child");
    }

    [Fact]
    public void By_default_a_child_that_fails_as_soon_as_it_starts_does_not_keep_a_processor_busy()
    {
        int starts = 0;
        Sys.ActorOf(new Props(() => new ScriptedActor(static (_, _) => { })
        {
            OnPreStart = _ =>
            {
                starts++;
                throw new InvalidOperationException("boom");
            },
        }));
        Advance(Second * 10);
        Assert.InRange(starts, 90, 120);
    }

    [Fact]
    public void All_for_one_restarts_the_siblings_too_and_one_for_one_does_not()
    {
        IActorRef[] alike = Supervise(
            SupervisorStrategy.AllForOne(static _ => Directive.Restart), "a", "b");
        alike[1].Tell("count");
        Expect("b count 1");
        alike[0].Tell("fail");
        IReadOnlyList<object> steps = ReceiveN(8);
        Assert.Contains("a restarting after fail on fail", steps);
        Assert.Contains("b restarting after fail on nothing", steps);
        alike[1].Tell("count");
        Expect("b count 1");

        IActorRef[] apart = Supervise(Restarting(), "c", "d");
        FailAndExpectRestart(apart[0], "c");
        ExpectNoMsg();
    }

    [Fact]
    public void All_for_one_with_backoff_holds_the_siblings_until_the_restart_and_restarts_them_once()
    {
        IActorRef[] children = Supervise(
            SupervisorStrategy.AllForOne(
                static _ => Directive.Restart).WithBackoff(Second, Second), "a", "b");
        children[0].Tell("fail");
        Advance(Second / 2);
        children[1].Tell("fail");
        children[1].Tell("count");
        ExpectNoMsg((Second / 2) - TimeSpan.FromMilliseconds(1));
        object[] steps = [.. ReceiveN(8)];
        Assert.Equal(2, steps.Count(static step => step is "a started" or "b started"));

        // The message that waited fails the new instance, and both are held again.
        ExpectNoMsg(Second - TimeSpan.FromMilliseconds(10));
        steps = [.. ReceiveN(9)];
        Assert.Equal(2, steps.Count(static step => step is "a started" or "b started"));
        Assert.Contains("b count 1", steps);
        ExpectNoMsg(Second * 5);
    }

    [Fact]
    public void Children_that_fail_at_the_same_instant_are_restarted_once_each()
    {
        IActorRef[] children = Supervise(
            SupervisorStrategy.AllForOne(static _ => Directive.Restart).WithBackoff(Second, Second), "a",
                "b");
        children[0].Tell("fail");
        children[1].Tell("fail");
        object[] steps = [.. ReceiveN(8)];
        Assert.Equal(2, steps.Count(static step => step is "a started" or "b started"));
        ExpectNoMsg(Second * 5);
    }

    [Fact]
    public void All_for_one_stops_all_and_resumes_only_the_one_that_failed()
    {
        IActorRef[] children = Supervise(
            SupervisorStrategy.AllForOne(
                static cause => cause.Message == "fail" ? Directive.Resume : Directive.Stop),
            "a",
            "b");
        children[0].Tell("fail");
        children[0].Tell("count");
        Expect("a count 1");
        ExpectNoMsg();
        children[0].Tell("fail for good");
        Assert.Equal(["a stopped", "b stopped"], ReceiveN(2).Order());
    }

    private static SupervisorStrategy Restarting() =>
        SupervisorStrategy.OneForOne(static _ => Directive.Restart);

    private IActorRef[] Supervise(SupervisorStrategy strategy, params string[] names)
    {
        List<IActorRef> made = [];
        Sys.ActorOf(new Props(() => new ScriptedActor(static (_, _) => { })
        {
            OnPreStart = self => made.AddRange(
                names.Select(name => self.Ctx.ActorOf(new Props(() => new ChildActor(name, TestActor))))),
            Strategy = strategy,
        }));
        ReceiveN(names.Length);
        return [.. made];
    }

    private void FailAndExpectRestart(IActorRef child, string name)
    {
        child.Tell("fail");
        ExpectRestart(name);
    }

    private void ExpectRestart(string name) => Expect(
        $"{name} restarting after fail on fail", $"{name} stopped", $"{name} restarted", $"{name} started");

    private void Expect(params string[] messages) =>
        Assert.Equal<object>(messages, ReceiveN(messages.Length));
}
