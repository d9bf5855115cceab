using Replication.Actors.Disk;
using Replication.Messages;
using Replication.ReplicaNode.Sidecar;
using Replication.TestKit.Simulation.Disks;

namespace Replication.ReplicaNode.Tests.Replicas;

/// <summary>Making and removing replicas.</summary>
public sealed class CreateSpecs : ReplicaSpec
{
    [Fact]
    public void A_new_replica_has_a_sparse_raw_file_of_the_volumes_size_and_a_whole_sidecar()
    {
        Create();
        Assert.Equal([Data, Sidecar], Disk.Paths);
        Assert.Equal(Size, Disk.LengthOf(Data));
        Assert.Equal(new SidecarLayout(Size).FileBytes, Disk.LengthOf(Sidecar));
        Assert.Equal(0UL, DurableStamp(0));
        Assert.Equal(0UL, DurableStamp(500));
    }

    [Fact]
    public void What_exists_is_never_overwritten()
    {
        CreateAndOpen();
        Write(0, Noise(1, 4096), counter: 1);
        Probe.Send(Storage, new CreateReplica(5, Identity));
        ExpectRefused(ReplicaRefusal.Busy);
        Restart();
        Probe.Send(Storage, new CreateReplica(5, Identity with { ReplicaId = Guid.Empty }));
        Assert.Equal(5, ExpectRefused(ReplicaRefusal.Busy).Tag);
        Open(epoch: 2);
        Assert.Equal(Noise(1, 4096), Read(0, 4096));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("ä")]
    public void A_name_that_is_no_folder_of_its_own_is_refused(string name)
    {
        ReplicaIdentity identity = Identity with { VolumeName = name };
        Probe.Send(Storage, new CreateReplica(1, identity));
        ExpectRefused(ReplicaRefusal.BadRequest);
        Probe.Send(Storage, new OpenReplica(1, identity, 0, 1, 1));
        ExpectRefused(ReplicaRefusal.BadRequest);
        Assert.Empty(Disk.Paths);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(SidecarLayout.SizeMaxBytes + 1)]
    public void A_size_that_no_volume_has_is_refused(long sizeBytes)
    {
        Probe.Send(Storage, new CreateReplica(1, Identity with { SizeBytes = sizeBytes }));
        ExpectRefused(ReplicaRefusal.BadRequest);
    }

    [Fact]
    public void An_error_of_the_disk_leaves_no_volume_behind()
    {
        Disk.Inject(new DiskFault(DiskFaultEffect.Fail) { Errno = Errno.NoSpace, Once = true });
        Probe.Send(Storage, new CreateReplica(1, Identity));
        Assert.Equal(Errno.NoSpace, ExpectRefused(ReplicaRefusal.DiskError).Errno);
        Assert.False(Disk.Exists(Data));
        Create();
    }

    [Fact]
    public void A_power_loss_at_any_moment_leaves_a_whole_replica_or_none()
    {
        int complete = 0;
        for (int moment = 0; moment < 150; moment++)
        {
            Probe.Send(Storage, new CreateReplica(1, Identity));
            Advance(TimeSpan.FromMicroseconds(100 * moment));
            Restart(DiskCrashPolicy.TearPages);
            while (Probe.WaitingCount > 0)
            {
                Assert.IsType<ReplicaDone>(ReceiveOne());
            }

            Probe.Send(Storage, new CreateReplica(2, Identity));
            object? again = ReceiveOne();
            complete += again is ReplicaFailed { Refusal: ReplicaRefusal.Busy } ? 1 : 0;
            Assert.True(again is ReplicaDone or ReplicaFailed { Refusal: ReplicaRefusal.Busy }, $"{again}");
            Open(epoch: 1);
            Assert.Equal(0UL, DurableStamp(0));
            Probe.Send(Storage, new RemoveReplica(3, Identity, Serial: 0, Epoch: 2));
            ExpectMsg<ReplicaDone>();
        }

        Assert.InRange(complete, 1, 149);
    }

    [Fact]
    public void A_removed_replica_is_moved_to_the_trash_and_its_actor_ends()
    {
        CreateAndOpen();
        Watch(Replica);
        Probe.Send(Storage, new RemoveReplica(9, Identity, Serial: 0, Epoch: 2));
        ExpectTerminated(Replica);
        Assert.Equal(9, ExpectMsg<ReplicaDone>().Tag);
        Assert.All(Disk.Paths, path => Assert.StartsWith("trash/demo-", path, StringComparison.Ordinal));
        SendOpen(epoch: 2);
        ExpectRefused(ReplicaRefusal.UnknownVolume);
        Create();
    }

    [Fact]
    public void What_is_left_of_a_replica_whose_raw_file_is_gone_is_moved_to_the_trash()
    {
        Create();
        Disk.Delete(Data);

        Probe.Send(Storage, new RemoveReplica(8, Identity with { ReplicaId = Guid.Empty }, 0, 2));
        Assert.Equal(8, ExpectRefused(ReplicaRefusal.WrongReplica).Tag);
        Assert.Equal([Sidecar], Disk.Paths);
        Probe.Send(Storage, new RemoveReplica(9, Identity, Serial: 0, Epoch: 2));

        Assert.Equal(9, ExpectMsg<ReplicaDone>().Tag);
        Assert.All(Disk.Paths, path => Assert.StartsWith("trash/demo-", path, StringComparison.Ordinal));
        Create();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void P4_a_replica_that_knows_more_of_its_volume_than_who_removes_it_stays(bool isInUse)
    {
        CreateAndOpen();
        Probe.Send(Replica, new StoreReplicaRecord(9, Ticket, Serial: 12, Noise(3, 100)));
        ExpectMsg<ReplicaDone>();
        Write(0, Noise(4, 512), counter: 5);
        Flush();
        if (!isInUse)
        {
            Restart();
        }

        Probe.Send(Storage, new RemoveReplica(7, Identity, Serial: 11, Epoch: 1));
        ReplicaFailed refused = ExpectRefused(ReplicaRefusal.StaleSerial);
        Assert.Equal(7, refused.Tag);
        Assert.Contains("its store is older than the data (P4)", refused.Reason, StringComparison.Ordinal);
        Probe.Send(Storage, new RemoveReplica(8, Identity, Serial: 12, Epoch: 0));
        refused = ExpectRefused(ReplicaRefusal.StaleEpoch);
        Assert.Equal(8, refused.Tag);
        Assert.Contains("its store is older than the data (P4)", refused.Reason, StringComparison.Ordinal);

        Assert.Equal([Data, Sidecar], Disk.Paths);
        if (!isInUse)
        {
            Open(epoch: 2, serial: 12);
        }

        Assert.Equal(Noise(4, 512), Read(0, 512));
        Probe.Send(Storage, new RemoveReplica(9, Identity, Serial: 12, Epoch: 2));
        ExpectMsg<ReplicaDone>();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void P5_a_raw_file_without_a_header_is_nobodys_to_remove(bool hasSidecar)
    {
        CreateAndOpen();
        Write(0, Noise(4, 512), counter: 5);
        Flush();
        Restart();
        if (hasSidecar)
        {
            Disk.CorruptAtRest(Sidecar, SidecarLayout.HeaderOffset(0), 512);
            Disk.CorruptAtRest(Sidecar, SidecarLayout.HeaderOffset(1), 512);
        }
        else
        {
            Disk.Delete(Sidecar);
        }

        string[] before = [.. Disk.Paths];

        Probe.Send(Storage, new RemoveReplica(7, Identity, Serial: 99, Epoch: 99));

        Assert.Contains(
            "header", ExpectRefused(ReplicaRefusal.DiskError).Reason, StringComparison.Ordinal);
        Assert.Equal(before, Disk.Paths);
    }

    [Fact]
    public void Where_nothing_is_there_is_nothing_to_remove_and_nothing_is_made()
    {
        Probe.Send(Storage, new RemoveReplica(9, Identity, Serial: 0, Epoch: 2));
        Assert.Equal(9, ExpectRefused(ReplicaRefusal.UnknownVolume).Tag);
        Assert.Empty(Disk.Paths);
    }

    [Fact]
    public void Commands_for_one_volume_are_carried_out_in_order()
    {
        Probe.Send(Storage, new CreateReplica(1, Identity));
        SendOpen(epoch: 1);
        SendOpen(epoch: 2);
        Probe.Send(Storage, new RemoveReplica(2, Identity, Serial: 0, Epoch: 2));
        ExpectMsg<ReplicaDone>();
        ExpectMsg<ReplicaReply>();
        ExpectMsg<ReplicaReply>();
        Assert.Equal(2, ExpectMsg<ReplicaDone>().Tag);
    }
}
