using Replication.Messages;
using Replication.ReplicaNode.Replicas;
using Replication.TestKit.Simulation.Disks;

namespace Replication.ReplicaNode.Tests.Replicas;

/// <summary>P7: the number of hot zones is bounded, and nobody waits for ever.</summary>
public sealed class HotBoundSpecs : ReplicaSpec
{
    private const long Zone = RequestLimits.ZoneLengthBytes;
    private const int Max = ReplicaLimits.HotZonesMax;
    private static readonly TimeSpan AWhile = TimeSpan.FromSeconds(10);

    public HotBoundSpecs()
        : base(seed: 1, sizeBytes: 3 * Max * Zone) => CreateAndOpen();

    [Fact]
    public void A_holder_lets_a_change_of_a_further_zone_wait_until_a_checkpoint_has_made_room()
    {
        Acknowledge();
        ZeroZones(0, Max);
        SendStamp(Max + 7, counter: 3);
        SendStamp(Max + 8, counter: 4);
        ExpectNoMsg(AWhile);
        Restamp(0, 1, Stamp(1, 2));
        Flush(checkpoint: Stamp(1, 2));
        ExpectMsg<ReplicaDone>();
        ExpectMsg<ReplicaDone>();
        Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([new ZoneRun(Max + 7, 2)], Open(epoch: 2).HotZones);
    }

    [Fact]
    public void A_flush_gets_past_any_number_of_changes_that_wait_for_room()
    {
        Acknowledge();
        ZeroZones(0, Max);
        const int Waiting = 2 * ReplicaLimits.InFlightCountMax;
        for (int i = 0; i < Waiting; i++)
        {
            SendStamp(Max + i, counter: 3);
        }

        ExpectNoMsg(AWhile);
        SendFlush(checkpoint: Stamp(1, 2));
        for (int i = 0; i <= Waiting; i++)
        {
            ExpectMsg<ReplicaDone>();
        }
    }

    [Fact]
    public void A_change_that_waits_for_room_ends_with_its_session()
    {
        Acknowledge();
        ZeroZones(0, Max);
        SendStamp(Max, counter: 3);
        Settle();
        SendOpen(epoch: 2);
        ExpectRefused(ReplicaRefusal.StaleEpoch);
        ExpectOpened(epoch: 2, session: 1);
        Restamp(0, 1, Stamp(2, 1));
    }

    [Fact]
    public void A_close_lets_through_what_waits_for_room()
    {
        Acknowledge();
        ZeroZones(0, Max);
        SendStamp(Max, counter: 3);
        Probe.Send(Replica, new CloseReplica(NextTag, Ticket) { Checkpoint = Stamp(1, 3) });
        ExpectMsg<ReplicaDone>();
        ExpectMsg<ReplicaDone>();
        Restart(DiskCrashPolicy.LoseUnsynced);
        Assert.Empty(Open(epoch: 2).HotZones);
    }

    [Fact]
    public void A_target_makes_room_by_itself()
    {
        Open(epoch: 2, role: ReplicaRole.Target);
        for (int zone = 0; zone < 2 * Max; zone++)
        {
            Restamp(zone * Zone, 1, Stamp(1, 1));
        }

        Advance(AWhile);
        Assert.InRange(Open(epoch: 3).HotZones.Sum(static run => run.Count), 1, Max / 2);
    }

    [Fact]
    public void A_holder_that_is_not_settled_takes_more_marks_than_that()
    {
        ZeroZones(0, Max);
        ZeroZones(Max, Max);
        Assert.Equal([new ZoneRun(0, 2 * Max)], Open(epoch: 2).HotZones);
    }

    [Fact]
    public void One_zeroing_of_more_zones_than_there_may_be_marks_passes()
    {
        Acknowledge();
        ZeroZones(0, 3 * Max);
        Flush(checkpoint: Stamp(1, 2));
        Assert.Empty(Open(epoch: 2).HotZones);
    }

    private void ZeroZones(int first, int count)
    {
        Probe.Send(
            Replica,
            new ZeroReplica(
                NextTag, Ticket, Stamp(1, 2), 0, first * Zone, count * Zone, ZeroMode.MayPunch, Fua: false));
        ExpectMsg<ReplicaDone>();
    }

    private void SendStamp(int zone, ulong counter) =>
        Probe.Send(Replica, new StampReplica(NextTag, Ticket, Stamp(1, counter), 0, zone * Zone, 1));
}
