using Replication.Actors.Disk;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.TestKit;
using Replication.TestKit.Simulation;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Creations that are refused after something of them was recorded.</summary>
public sealed class RefusedCreationSpecs : DeletionSpec
{
    // Requests of a creation to the store take two steps each: the record's, then the list's.
    private const int StepOfTheList = 2;

    [Fact]
    public void A_creation_that_the_store_fails_after_its_record_takes_the_record_away_again()
    {
        FailTheList();

        Assert.Contains("store failed", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        Assert.Empty(Keys);
        StartAgain();
        Probe.Send(Gateway, new AwaitVolume("beta"));
        Assert.Equal("there is no volume 'beta'", ExpectMsg<AdminRefused>().Reason);
        Create();
    }

    [Fact]
    public void P3_a_record_whose_writing_has_an_unknown_outcome_is_taken_away_too()
    {
        Store.LoseNextAnswer(UnknownOutcome.Applied);
        Probe.Send(Gateway, Creation);

        Assert.Contains("store failed", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        Assert.Empty(Keys);
    }

    [Fact]
    public void A_volume_of_that_name_that_is_not_this_creations_own_is_left_alone()
    {
        Create();
        Sys.Stop(Said.OfType<VolumeExported>().Last().Volume);
        Settle();
        Store.LoseNextAnswer(UnknownOutcome.NotApplied);
        Probe.Send(Gateway, Creation);

        Assert.Contains("store failed", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        Assert.Equal(["volumes/beta"], Keys);
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<RemoveReplica>()));
    }

    [Fact]
    public void Who_asked_is_told_where_the_record_stays_because_the_store_fails_on()
    {
        FailTheList(untilStep: int.MaxValue);

        string reason = ExpectMsg<AdminRefused>().Reason;

        Assert.Contains("next start may go on with it", reason, StringComparison.Ordinal);
        Assert.Equal(["volumes/beta"], Keys);
    }

    /// <summary>
    /// At each step of the store, one of which it fails, the gateway's host goes down. Who was told that
    /// there is no volume finds none.
    /// </summary>
    [Fact]
    public void A_creation_that_was_refused_never_comes_back_whenever_the_gateway_crashes()
    {
        int refusals = 0;
        int comebacks = 0;
        for (int steps = 0; steps < 40; steps++)
        {
            FailTheList(stepsMax: steps);
            bool isRefused = Probe.WaitingCount > 0;
            refusals += isRefused ? 1 : 0;

            // What was on its way to the store dies with the gateway.
            Sys.Stop(Gateway);
            Settle();
            HeldSteps.Clear();
            IsStoreHeld = false;
            Store.IsReachable = true;
            Advance(TimeSpan.FromSeconds(1));
            Probe.ReceiveN(Probe.WaitingCount);

            Gateway = StartGateway($"gateway-{steps}");
            Probe.Send(Gateway, new AwaitVolume("beta"));
            if (Probe.ReceiveOne(TimeSpan.FromSeconds(20)) is VolumeReady ready)
            {
                comebacks++;
                Assert.False(isRefused, $"it was refused and is back, {steps} steps");
                Assert.Equal(VolumeCondition.Healthy, ready.Status.Condition);
                Delete();
            }

            Advance(TimeSpan.FromSeconds(10));
            Assert.Empty(Keys);
        }

        Assert.True(refusals > 0 && comebacks > 0, $"{refusals} refused, {comebacks} gone on with");
    }

    private void FailTheList(int stepsMax = 100, int untilStep = StepOfTheList + 1)
    {
        // The gateway has read what there is.
        Advance(TimeSpan.FromMilliseconds(100));
        IsStoreHeld = true;
        Probe.Send(Gateway, Creation);
        Advance(TimeSpan.FromMilliseconds(20));
        for (int step = 0; step < stepsMax && HeldSteps.TryDequeue(out Action? run); step++)
        {
            Store.IsReachable = step < StepOfTheList || step >= untilStep;
            run();
            Advance(TimeSpan.FromMilliseconds(20));
        }

        if (HeldSteps.Count == 0)
        {
            IsStoreHeld = false;
        }
    }
}
