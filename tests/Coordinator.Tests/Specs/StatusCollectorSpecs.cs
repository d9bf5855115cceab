using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.TestKit;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>What administrators hear of all volumes while one of them does not answer.</summary>
public sealed class StatusCollectorSpecs : TestKitBase
{
    [Fact]
    public void A_volume_that_does_not_answer_is_told_as_it_was_last_and_keeps_nobody_from_hearing_of_others()
    {
        VolumeStatus quick = Status("quick", VolumeCondition.Degraded);
        VolumeStatus silent = Status("silent", VolumeCondition.Healthy);
        Collect((Answering(quick), Status("quick", VolumeCondition.Opening)), (Answering(null), silent));
        ExpectNoMsg(StatusCollector.AnswerLimit / 2);

        IReadOnlyList<VolumeStatus> told = ExpectMsg<VolumeList>().Volumes;
        Assert.Equal(["quick", "silent"], told.Select(static volume => volume.Name));
        Assert.Equal(quick, told[0]);
        Assert.Equal((false, VolumeCondition.Healthy), (told[1].Answers, told[1].Condition));
        Assert.Contains("does not answer", told[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_waits_when_all_volumes_answer()
    {
        VolumeStatus quick = Status("quick", VolumeCondition.Healthy);
        Collect((Answering(quick), Status("quick", VolumeCondition.Opening)));

        Assert.Equal([quick], ExpectMsg<VolumeList>().Volumes);
    }

    private static VolumeStatus Status(string name, VolumeCondition condition) =>
        new(name, Guid.Empty, 4096, new VolumeOptions { Threshold = 1 }, 1, condition, null, 0, []);

    private IActorRef Answering(VolumeStatus? status) => Sys.ActorOf(Props.Create(() => new Volume(status)));

    private void Collect(params (IActorRef Actor, VolumeStatus? LastKnown)[] volumes)
    {
        IActorRef asker = TestActor;
        Sys.ActorOf(Props.Create(() => new StatusCollector(volumes, asker)));
    }

    /// <summary>Answers with a status, or never.</summary>
    private sealed class Volume(VolumeStatus? status) : Actor
    {
        protected override void Receive(object message)
        {
            if (status is not null)
            {
                Sender.Tell(status, Self);
            }
        }
    }
}
