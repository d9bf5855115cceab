using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.TestKit;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>
/// A deletion and the gateway hear of the end of the volume's actor by themselves, in either order.
/// </summary>
public sealed class DeletionOrderSpecs : DeletionSpec
{
    [Fact]
    public void A_volume_is_started_again_only_once_the_gateway_has_heard_of_its_actors_end()
    {
        Create();
        IActorRef volume = Volume();
        AskForTheDeletion();

        Probe.Send(Gateway, new VolumeDeletion.Ended(
            "beta", new AdminRefused("the store failed"), Entry(), HasClosed: true));
        ExpectNoMsg(TimeSpan.FromSeconds(1));
        Sys.Stop(volume);

        Assert.Equal("the store failed", ExpectMsg<AdminRefused>().Reason);
        Settle();
        Assert.NotEqual(volume, Volume());
        IsStoreHeld = false;
        Release();
        Probe.Send(Gateway, new AwaitVolume("beta"));
        Assert.Equal(VolumeCondition.Healthy, ExpectMsg<VolumeReady>().Status.Condition);
    }

    [Fact]
    public void Who_deletes_a_volume_is_told_once_its_name_is_free()
    {
        Create();
        IActorRef volume = Volume();
        AskForTheDeletion();

        Probe.Send(
            Gateway,
            new VolumeDeletion.Ended("beta", new VolumeDeleted("beta", []), Restored: null, HasClosed: true));
        ExpectNoMsg(TimeSpan.FromSeconds(1));
        Sys.Stop(volume);

        ExpectMsg<VolumeDeleted>();
        Assert.Empty(List());
    }

    [Fact]
    public void A_gateway_that_closes_waits_for_both_and_starts_nothing_again()
    {
        Create();
        IActorRef volume = Volume();
        AskForTheDeletion();
        Probe.Send(Gateway, new VolumeDeletion.Ended(
            "beta", new AdminRefused("the store failed"), Entry(), HasClosed: true));
        TestProbe closer = CreateTestProbe();
        Said.Clear();
        closer.Send(Gateway, new CloseGateway());

        ExpectMsg<AdminRefused>();
        closer.ExpectMsg<GatewayClosed>();
        Assert.DoesNotContain(Said, static said => said is VolumeExported);
        Assert.NotNull(volume);
    }

    private IActorRef Volume() => Said.OfType<VolumeExported>().Last().Volume;

    private VolumeEntry Entry()
    {
        Task<VolumeLookup> found = new VolumeRecords(Store).GetAsync("beta");
        while (HeldSteps.TryDequeue(out Action? step))
        {
            step();
        }

        return Assert.IsType<VolumeLookup.Found>(Await(found)).Entry;
    }

    /// <summary>The deletion itself is kept waiting for the store: the spec speaks for it.</summary>
    private void AskForTheDeletion()
    {
        IsStoreHeld = true;
        Probe.Send(Gateway, new DeleteVolume("beta"));
        Advance(TimeSpan.FromMilliseconds(20));
        HeldSteps.Clear();
    }

    private void Release()
    {
        while (HeldSteps.TryDequeue(out Action? step))
        {
            step();
        }
    }
}
