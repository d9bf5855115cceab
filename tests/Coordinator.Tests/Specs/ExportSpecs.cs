using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>How a volume is offered to NBD clients, and what becomes of that in its record.</summary>
public sealed class ExportSpecs : VolumeSpec
{
    private static readonly VolumeExport Second = new("copy", "the copy", Writable: false, "read only");

    private readonly List<object> _said = [];

    public ExportSpecs()
    {
        Sys.EventStream.Subscribe<VolumeExported>(new Collector(_said));
        Sys.EventStream.Subscribe<VolumeWithdrawn>(new Collector(_said));
    }

    private static VolumeExport Own => VolumeExport.OwnOf(VolumeName);

    private VolumeExported[] Offers => [.. _said.OfType<VolumeExported>()];

    [Fact]
    public void An_export_is_in_the_record_before_it_is_announced_and_answered()
    {
        Open();
        HoldStore();
        Command(new AddExport(VolumeName, Second));
        Settle();
        Assert.Single(Offers);
        ReleaseStore();

        ExportsChanged changed = ExpectMsg<ExportsChanged>();

        Assert.Equal([Own, Second], changed.Exports);
        Assert.Equal([Own, Second], Recorded.Exports.AsEnumerable());
        Assert.Equal([Own, Second], Status().Exports);
        Assert.Equal([Own, Second], Offers[^1].Exports);
        Assert.Equal(Volume, Offers[^1].Volume);
        Assert.All(Nodes, node => Assert.Equal(Recorded.Serial, node.Serial));
    }

    [Fact]
    public void An_export_that_is_removed_is_announced_without_withdrawing_the_others()
    {
        Open();
        Command(new AddExport(VolumeName, Second));
        ExpectMsg<ExportsChanged>();

        Command(new RemoveExport(VolumeName, VolumeName));

        Assert.Equal([Second], ExpectMsg<ExportsChanged>().Exports);
        Assert.Equal([Second], Offers[^1].Exports);
        Assert.Empty(_said.OfType<VolumeWithdrawn>());
        Command(new RemoveExport(VolumeName, "copy"));
        Assert.Empty(ExpectMsg<ExportsChanged>().Exports);
        Assert.Empty(Recorded.Exports);
    }

    [Fact]
    public void An_id_or_a_name_in_use_and_an_id_that_is_unknown_are_refused_with_the_reason()
    {
        Open();
        long serial = Recorded.Serial;

        Refuses(new AddExport(VolumeName, Second with { Id = VolumeName }), "the id 'demo' already");
        Refuses(new AddExport(VolumeName, Second with { Name = VolumeName }), "exported as 'demo' already");
        Refuses(new AddExport(VolumeName, Second with { Name = "" }), "1 to 2048 bytes");
        Refuses(new RemoveExport(VolumeName, "copy"), "no export with the id 'copy'");

        Assert.Equal(serial, Recorded.Serial);
        Assert.Single(Offers);
    }

    [Fact]
    public void Requests_go_on_while_an_export_comes()
    {
        Open();
        Nodes[0].Keep<WriteReplica>();
        ClientReply write = Write(0, Filled(Block, 1));
        Settle();

        Command(new AddExport(VolumeName, Second));
        ExpectMsg<ExportsChanged>();
        Read(1 << 16, Block).Expect<RangeRead>();
        Nodes[0].AnswerKept();

        write.Expect<RangeDone>();
    }

    [Fact]
    public void Changes_that_are_asked_for_together_are_made_one_after_the_other()
    {
        Open();
        HoldStore();
        Command(new AddExport(VolumeName, Second));
        Command(new RemoveExport(VolumeName, "copy"));
        Command(new AddExport(VolumeName, Second with { Writable = true }));
        ReleaseStore();

        Assert.Equal([Own, Second], ExpectMsg<ExportsChanged>().Exports);
        Assert.Equal([Own], ExpectMsg<ExportsChanged>().Exports);
        Assert.Equal([Own, Second with { Writable = true }], ExpectMsg<ExportsChanged>().Exports);
    }

    [Fact]
    public void P3_where_the_store_fails_nobody_is_told_that_the_export_stands()
    {
        Open();
        Store.IsReachable = false;

        Refuses(new AddExport(VolumeName, Second), "store failed");

        Assert.Single(Offers);
        Refuses(new RemoveExport(VolumeName, VolumeName), "the volume does not serve");
        Store.IsReachable = true;
    }

    [Fact]
    public void A_volume_that_waits_for_its_children_can_still_be_offered_otherwise()
    {
        Start(3, static nodes =>
        {
            nodes[1].Keep<OpenReplica>();
            nodes[2].Keep<OpenReplica>();
        });
        Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(VolumeCondition.Suspended, Status().Condition);

        Command(new RemoveExport(VolumeName, VolumeName));

        Assert.Empty(ExpectMsg<ExportsChanged>().Exports);
        Nodes[1].AnswerKept();
        Nodes[2].AnswerKept();
        Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
        Assert.Empty(Status().Exports);
    }

    [Fact]
    public void A_child_that_takes_no_copy_of_the_changed_record_is_recorded_and_the_export_stands()
    {
        Open();
        Nodes[2].FailAll<StoreReplicaRecord>(Errno.NoSpace);

        Command(new AddExport(VolumeName, Second));

        Assert.Equal([Own, Second], ExpectMsg<ExportsChanged>().Exports);
        Assert.Equal([ChildState.Synced, ChildState.Synced, ChildState.Stale], RecordedStates);
    }

    [Fact]
    public void A_volume_that_starts_again_is_offered_as_its_record_says()
    {
        Open();
        Command(new AddExport(VolumeName, Second));
        ExpectMsg<ExportsChanged>();
        Volume.Tell(new CloseVolume(), Probe.Ref);
        ExpectMsg<VolumeClosed>();
        _said.Clear();

        StartAgain();
        Opened();

        Assert.Equal([Own, Second], Offers.Single().Exports);
    }

    [Fact]
    public void A_stopped_volume_is_offered_otherwise_only_once_it_is_reopened()
    {
        Options = new VolumeOptions { Threshold = 2, Blkverify = true };
        Start(2);
        Opened();
        Nodes[1].Lie(0, 1);
        Read(0, Block).Expect<RangeFailed>();
        Settle();
        Assert.Equal(VolumeCondition.Stopped, Status().Condition);

        Command(new AddExport(VolumeName, Second));

        Assert.Equal([Own, Second], ExpectMsg<ExportsChanged>().Exports);
        Assert.IsType<VolumeWithdrawn>(_said[^1]);
        Command(new ReopenVolume(VolumeName));
        ExpectMsg<VolumeStatus>();
        Assert.Equal([Own, Second], Assert.IsType<VolumeExported>(_said[^1]).Exports);
    }

    [Fact]
    public void Changes_that_wait_when_the_volume_closes_are_refused()
    {
        Open();
        HoldStore();
        Command(new AddExport(VolumeName, Second));
        Command(new RemoveExport(VolumeName, VolumeName));
        Settle();

        Volume.Tell(new CloseVolume(), Probe.Ref);

        Assert.Contains("closing", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        Assert.Contains("closing", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        ReleaseStore();
        ExpectMsg<VolumeClosed>();
    }

    private void Command(object command) => Volume.Tell(command, Probe.Ref);

    private void Refuses(object command, string reason)
    {
        Command(command);
        Assert.Contains(reason, ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
    }

    private sealed class Collector(List<object> said) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) => said.Add(message);
    }
}
