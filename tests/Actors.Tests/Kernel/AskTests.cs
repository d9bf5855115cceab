using Replication.Actors.Asking;
using Replication.TestKit;

namespace Replication.Actors.Tests.Kernel;

public sealed class AskTests : TestKitBase
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void The_first_reply_is_the_answer()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props(static (self, message) =>
        {
            self.From.Tell($"re: {message}");
            self.From.Tell("too late");
        }));
        Assert.Equal("re: hello", Await(actor.Ask<string>("hello", Second)));
    }

    [Fact]
    public void No_reply_in_time_fails_and_says_that_the_outcome_is_unknown()
    {
        Task<string> answer = TestActor.Ask<string>("hello", Second);
        var failure = Assert.Throws<AskTimeoutException>(() => Await(answer));
        Assert.Contains("did not answer String within 1000 ms", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Second, World.Elapsed);

        ExpectMsg("hello");
        Probe.Reply("late");
        Settle();
    }

    [Fact]
    public void A_reply_of_another_type_fails_and_says_which()
    {
        Probe.SetAutoPilot(static (_, sender) => sender.Tell(42));
        var failure =
            Assert.Throws<InvalidCastException>(() => Await(TestActor.Ask<string>("hello", Second)));
        Assert.Contains(
            "expected an answer of type String, got Int32: 42", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_tells_the_result_of_a_task_mapped_or_not()
    {
        Task.FromResult(7).PipeTo(TestActor);
        ExpectMsg(7);
        Task.FromResult(7).PipeTo(TestActor, static number => $"number {number}");
        ExpectMsg("number 7");
        TaskCompletionSource<int> later = new();
        later.Task.PipeTo(TestActor);
        ExpectNoMsg();
        later.SetResult(8);
        ExpectMsg(8);
    }

    [Fact]
    public void A_pipe_tells_a_failure_a_cancellation_a_null_and_a_map_that_throws()
    {
        InvalidOperationException boom = new("boom");
        Task.FromException<int>(boom).PipeTo(TestActor, tag: "read");
        Assert.Equal(new PipeFailed(boom, "read"), ExpectMsg<PipeFailed>());
        Task.FromCanceled<int>(new CancellationToken(canceled: true)).PipeTo(TestActor);
        Assert.IsType<TaskCanceledException>(ExpectMsg<PipeFailed>().Cause);
        Task.FromResult<string?>(null).PipeTo(TestActor);
        Assert.IsType<InvalidOperationException>(ExpectMsg<PipeFailed>().Cause);
        Task.FromResult(1).PipeTo(TestActor, _ => throw boom);
        Assert.Same(boom, ExpectMsg<PipeFailed>().Cause);
    }
}
