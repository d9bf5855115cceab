using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.TestKit;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Commands that reach a volume when it has ended already, or is about to.</summary>
public sealed class EndedVolumeSpecs : DeletionSpec
{
    private const string Ended = "volume 'beta' has ended before it answered";

    private IActorRef Volume => Said.OfType<VolumeExported>().Last().Volume;

    [Theory]
    [InlineData(nameof(RemoveChild))]
    [InlineData(nameof(AddExport))]
    [InlineData(nameof(ReopenVolume))]
    [InlineData(nameof(AwaitVolume))]
    public void A_command_behind_a_volumes_last_message_is_refused_when_the_volume_has_ended(string kind)
    {
        Create();
        object command = kind switch
        {
            nameof(RemoveChild) => new RemoveChild("beta", "children.2"),
            nameof(AddExport) => new AddExport("beta", new VolumeExport("x", "xx", false, "d")),
            nameof(ReopenVolume) => new ReopenVolume("beta"),
            _ => new AwaitVolume("beta"),
        };

        Sys.Stop(Volume);
        Probe.Send(Gateway, command);

        Assert.Contains(Ended, ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        ExpectNoMsg(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Who_was_answered_is_told_nothing_more_when_the_volume_ends()
    {
        Create();
        Probe.Send(Gateway, new RemoveExport("beta", "beta"));
        ExpectMsg<ExportsChanged>();
        Nodes[2].Keep<CloseReplica>();
        TestProbe remover = CreateTestProbe();
        TestProbe closer = CreateTestProbe();
        closer.Send(Gateway, new CloseGateway());
        Settle();

        remover.Send(Gateway, new RemoveChild("beta", "children.2"));
        closer.ExpectMsg<GatewayClosed>(timeout: TimeSpan.FromSeconds(20));

        Assert.Contains("closing", remover.ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        Settle();
        Assert.Equal(0, remover.WaitingCount);
        Assert.Equal(0, Probe.WaitingCount);
    }
}
