using Replication.Actors.Events;
using Replication.Actors.Logging;
using Replication.TestKit;

namespace Replication.Actors.Tests.Kernel;

public sealed class EventStreamTests : TestKitBase
{
    [Fact]
    public void A_subscriber_gets_its_type_and_subclasses_of_it_until_it_unsubscribes()
    {
        Sys.EventStream.Subscribe<Animal>(TestActor);
        Sys.EventStream.Subscribe<Animal>(TestActor);
        Sys.EventStream.Publish(new Cat());
        Sys.EventStream.Publish("no animal");
        ExpectMsg<Cat>();
        ExpectNoMsg();

        Sys.EventStream.Unsubscribe(TestActor);
        Sys.EventStream.Publish(new Cat());
        ExpectNoMsg();
    }

    [Fact]
    public void HasSubscriber_knows_whether_making_an_event_is_worth_it()
    {
        Assert.False(Sys.EventStream.HasSubscriber(typeof(Cat)));
        Sys.EventStream.Subscribe<Animal>(TestActor);
        Assert.True(Sys.EventStream.HasSubscriber(typeof(Cat)));
        Assert.False(Sys.EventStream.HasSubscriber(typeof(string)));
    }

    [Fact]
    public void A_subscriber_that_ended_is_no_subscriber_any_more()
    {
        IActorRef actor = Sys.ActorOf(ScriptedActor.Props(static (_, _) => { }));
        Sys.EventStream.Subscribe<Animal>(actor);
        Sys.Stop(actor);
        Settle();
        Assert.False(Sys.EventStream.HasSubscriber(typeof(Animal)));
    }

    [Fact]
    public void A_dead_letter_names_message_sender_and_recipient()
    {
        IActorRef gone = Sys.ActorOf(ScriptedActor.Props(static (_, _) => { }), "gone");
        Sys.Stop(gone);
        Settle();
        Sys.EventStream.Subscribe<DeadLetter>(TestActor);
        TestProbe sender = CreateTestProbe();
        sender.Send(gone, "hello");
        Assert.Equal(new DeadLetter("hello", sender.Ref, gone), ExpectMsg<DeadLetter>());
    }

    [Fact]
    public void Log_entries_are_published_with_level_source_and_cause()
    {
        Sys.EventStream.Subscribe<LogEvent>(TestActor);
        InvalidOperationException cause = new("boom");
        Sys.Log.Debug("here", "a");
        Sys.Log.Info("here", "b");
        Sys.Log.Warning("here", "c", cause);
        Sys.Log.Error("here", "d", cause);
        Assert.Equal(
            [
                new LogEvent(LogLevel.Debug, "here", "a"),
                new LogEvent(LogLevel.Info, "here", "b"),
                new LogEvent(LogLevel.Warning, "here", "c", cause),
                new LogEvent(LogLevel.Error, "here", "d", cause),
            ],
            ReceiveN(4));
    }

    private abstract record Animal;

    private sealed record Cat : Animal;
}
