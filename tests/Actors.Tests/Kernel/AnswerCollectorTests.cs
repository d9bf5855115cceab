using Replication.Actors.Asking;
using Replication.TestKit;

namespace Replication.Actors.Tests.Kernel;

public sealed class AnswerCollectorTests : TestKitBase
{
    [Fact]
    public void All_answers_come_at_once_in_the_order_of_their_names()
    {
        Collect(Answering("second"), Answering("first"));
        ExpectMsg("first second");
    }

    [Fact]
    public void One_that_ends_without_an_answer_is_left_out()
    {
        Collect(
            Answering("here"),
            Sys.ActorOf(ScriptedActor.Props(static (self, _) => self.Ctx.Stop(self.Ctx.Self))));
        ExpectMsg("here");
    }

    [Fact]
    public void Of_nobody_the_answers_are_none()
    {
        Collect();
        ExpectMsg("");
    }

    [Fact]
    public void Nothing_is_said_while_one_still_owes_its_answer()
    {
        Collect(Answering("here"), Sys.ActorOf(ScriptedActor.Props(static (_, _) => { })));
        ExpectNoMsg();
    }

    private IActorRef Answering(string answer) => Sys.ActorOf(ScriptedActor.Props(
        (self, question) => self.From.Tell(question is "who?" ? answer : "what?", self.Ctx.Self)));

    private void Collect(params IActorRef[] asked)
    {
        IActorRef asker = TestActor;
        Sys.ActorOf(Props.Create(() => new Names(asked, asker)));
    }

    private sealed class Names(IReadOnlyList<IActorRef> asked, IActorRef asker)
        : AnswerCollector<string>(asked, "who?", asker)
    {
        protected override string NameOf(string answer) => answer;

        protected override object Whole(IReadOnlyList<string> answers) => string.Join(" ", answers);
    }
}
