using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.TestKit.Simulation;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>
/// A volume whose two children are compared: a difference stops it for everybody, in the record, until an
/// administrator reopens it.
/// </summary>
public sealed class BlkverifySpecs : VolumeSpec
{
    private readonly List<object> _said = [];
    private readonly List<object> _heldBack = [];

    public BlkverifySpecs()
    {
        Sys.EventStream.Subscribe<VolumeHeldBack>(new Collector(_heldBack));
        Options = new VolumeOptions { Threshold = 2, Blkverify = true };
        Sys.EventStream.Subscribe<VolumeExported>(new Collector(_said));
        Sys.EventStream.Subscribe<VolumeWithdrawn>(new Collector(_said));
    }

    [Fact]
    public void Both_children_are_asked_for_the_data_and_equal_bytes_are_the_answer()
    {
        OpenTwo();

        ClientReply read = Read(100, 5000);

        read.Expect<RangeRead>();
        Assert.Equal(Nodes[0].Data.AsSpan(100, 5000).ToArray(), read.Bytes);
        Assert.All(Nodes, static node =>
            Assert.Equal(ReplicaReadMode.Data, Assert.Single(node.AskedFor<ReadReplica>()).Mode));
        Settle();
        Assert.Empty(Events);
        Assert.False(Recorded.Stopped);
    }

    [Fact]
    public void A_difference_fails_the_read_names_its_first_byte_and_stops_the_volume()
    {
        OpenTwo();
        Nodes[1].Lie(1515, 40);

        Read(1024, 1025).ExpectErrno(Errno.InputOutput);

        Settle();
        BlkverifyMismatch mismatch = Assert.Single(Published<BlkverifyMismatch>());
        Assert.Equal(
            new BlkverifyMismatch(mismatch.At, "demo", 1515, 2, 3, "demo-node1", "demo-node2"), mismatch);
        Assert.True(Recorded.Stopped);
        VolumeStatus status = Status();
        Assert.Equal(VolumeCondition.Stopped, status.Condition);
        Assert.Equal(
            "blkverify found a difference: demo-node1 and demo-node2 differ at byte 1515; "
            + "nothing is served until the volume is reopened",
            status.Reason);
        VolumeConditionChanged told = Published<VolumeConditionChanged>()[^1];
        Assert.Equal((VolumeCondition.Stopped, status.Reason), (told.Condition, told.Reason));
        VolumeWithdrawn withdrawn = Assert.IsType<VolumeWithdrawn>(Assert.Single(_said));
        Assert.Equal(status.Reason, withdrawn.Reason);
        VolumeHeldBack held = Assert.IsType<VolumeHeldBack>(Assert.Single(_heldBack));
        Assert.Equal("demo-node1 and demo-node2 differ at byte 1515", held.Difference);
        Assert.Equal([VolumeExport.OwnOf("demo")], held.Exports);
        Assert.Empty(Published<QuorumReportBad>());
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<WriteReplica>()));
    }

    [Fact]
    public void With_fifo_nothing_is_compared_and_the_first_child_is_believed_as_in_QEMU()
    {
        Options = Options with { ReadPattern = ReadPattern.Fifo };
        OpenTwo();
        Nodes[1].Lie(1515, 40);

        Read(1024, 1024).Expect<RangeRead>();
        Nodes[0].Lie(1024, 1);
        ClientReply read = Read(1024, 1024);

        read.Expect<RangeRead>();
        Assert.Equal(Nodes[0].Data.AsSpan(1024, 1024).ToArray(), read.Bytes);
        Settle();
        Assert.Empty(Events);
        Assert.False(Recorded.Stopped);
    }

    [Fact]
    public void The_read_that_found_it_is_answered_once_the_record_says_that_the_volume_is_stopped()
    {
        OpenTwo();
        Nodes[0].Lie(0, 1);
        HoldStore();

        ClientReply read = Read(0, Block);

        Advance(TimeSpan.FromSeconds(2));
        Assert.False(read.IsAnswered);
        ReleaseStore();
        read.ExpectErrno(Errno.InputOutput);
        Assert.True(Recorded.Stopped);
    }

    [Fact]
    public void A_write_under_way_ends_well_before_the_exports_are_withdrawn()
    {
        OpenTwo();
        Nodes[1].Lie(0, 1);
        Nodes[0].Keep<WriteReplica>();
        ClientReply write = Write(8 * Block, Filled(Block, 7));
        Settle();

        Read(0, Block).ExpectErrno(Errno.InputOutput);

        Settle();
        Assert.False(write.IsAnswered);
        Assert.Empty(_said);
        Write(9 * Block, Filled(Block, 8)).ExpectErrno(Errno.InputOutput);
        Nodes[0].AnswerKept();
        write.Expect<RangeDone>();
        Settle();
        Assert.IsType<VolumeWithdrawn>(Assert.Single(_said));
        Assert.All(Nodes, static node => Assert.Equal(7, node.Data[8 * Block]));
        Assert.All(Nodes, static node => Assert.NotEqual(8, node.Data[9 * Block]));
    }

    [Fact]
    public void What_comes_while_the_stop_is_recorded_waits_and_fails_and_reaches_no_child()
    {
        OpenTwo();
        Nodes[1].Lie(0, 1);
        HoldStore();
        ClientReply read = Read(0, Block);
        Settle();
        Forget();

        ClientReply write = Write(0, Filled(Block, 7));
        ClientReply flush = Flush();
        ClientReply other = Read(8 * Block, Block);
        Settle();
        Assert.False(write.IsAnswered);
        ReleaseStore();

        Assert.All([read, write, flush, other], static one => one.ExpectErrno(Errno.InputOutput));
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<WriteReplica>()));
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<ReadReplica>()));
    }

    [Fact]
    public void Two_reads_that_find_differences_stop_the_volume_once()
    {
        OpenTwo();
        Nodes[1].Lie(0, 1);
        Nodes[1].Lie(8 * Block, 1);
        HoldStore();

        ClientReply first = Read(0, Block);
        ClientReply second = Read(8 * Block, Block);
        Settle();
        ReleaseStore();

        first.ExpectErrno(Errno.InputOutput);
        second.ExpectErrno(Errno.InputOutput);
        Settle();
        Assert.Single(Published<BlkverifyMismatch>());
        Assert.Single(_said);
    }

    [Fact]
    public void A_stopped_volume_stays_stopped_over_a_restart_and_serves_nobody()
    {
        OpenAndStop();
        Sys.Stop(Volume);
        Settle();
        _said.Clear();
        _heldBack.Clear();
        Forget();

        StartAgain();

        VolumeStatus status = Opened();
        Assert.Equal(VolumeCondition.Stopped, status.Condition);
        Assert.All(_heldBack, static held => Assert.Null(Assert.IsType<VolumeHeldBack>(held).Difference));
        Assert.NotEmpty(_heldBack);
        Assert.Equal(
            "blkverify found a difference; nothing is served until the volume is reopened", status.Reason);
        Assert.Equal(2u, status.Epoch);
        Read(8 * Block, Block).ExpectErrno(Errno.InputOutput);
        Write(0, Filled(Block, 1)).ExpectErrno(Errno.InputOutput);
        Flush().ExpectErrno(Errno.InputOutput);
        Advance(TimeSpan.FromSeconds(30));
        Assert.Empty(_said);
        Assert.All(Nodes, static node => Assert.Single(node.AskedFor<OpenReplica>()));
        Assert.All(Nodes, static node => Assert.DoesNotContain(
            node.Asked, static asked => asked is ReadReplica or WriteReplica or FlushReplica));
    }

    [Fact]
    public void A_reopened_volume_serves_and_is_offered_again()
    {
        OpenAndStop();
        Nodes[1].Lie(0, 1);
        _said.Clear();

        VolumeStatus status = Assert.IsType<VolumeStatus>(Reopen());

        Assert.Equal((VolumeCondition.Healthy, null), (status.Condition, status.Reason));
        Assert.Equal(
            [VolumeCondition.Stopped, VolumeCondition.Healthy],
            Published<VolumeConditionChanged>().Select(static told => told.Condition).TakeLast(2));
        Assert.False(Recorded.Stopped);
        Assert.Equal(Volume, Assert.IsType<VolumeExported>(Assert.Single(_said)).Volume);
        Read(0, Block).Expect<RangeRead>();
        Write(0, Filled(Block, 7)).Expect<RangeDone>();
    }

    [Fact]
    public void A_difference_that_is_still_there_stops_it_again()
    {
        OpenAndStop();
        Assert.IsType<VolumeStatus>(Reopen());

        Read(8 * Block, Block).Expect<RangeRead>();
        Read(0, Block).ExpectErrno(Errno.InputOutput);

        Settle();
        Assert.Equal(2, Published<BlkverifyMismatch>().Count);
        Assert.True(Recorded.Stopped);
    }

    [Fact]
    public void A_volume_that_is_not_stopped_is_not_reopened()
    {
        OpenTwo();

        Assert.Equal("volume 'demo' is not stopped", Assert.IsType<AdminRefused>(Reopen()).Reason);

        Assert.Empty(_said);
    }

    [Fact]
    public void It_is_reopened_after_the_last_request_from_before_has_ended()
    {
        OpenTwo();
        Nodes[1].Lie(0, 1);
        Nodes[0].Keep<WriteReplica>();
        ClientReply write = Write(8 * Block, Filled(Block, 7));
        Settle();
        Read(0, Block).ExpectErrno(Errno.InputOutput);
        Settle();

        Task<object> reopened = AskToReopen();

        Settle();
        Assert.False(reopened.IsCompleted);
        Nodes[0].AnswerKept();
        write.Expect<RangeDone>();
        Assert.IsType<VolumeStatus>(Await(reopened));
        Assert.Equal(
            [typeof(VolumeWithdrawn), typeof(VolumeExported)], _said.Select(static said => said.GetType()));
    }

    [Fact]
    public void A_stopped_volume_whose_children_cannot_be_opened_is_stopped_by_its_reason_too()
    {
        OpenAndStop();
        Sys.Stop(Volume);
        Settle();
        Nodes[0].Keep<OpenReplica>();

        StartAgain();

        VolumeStatus status = Opened(seconds: 20);
        Assert.Equal(VolumeCondition.Stopped, status.Condition);
        Assert.StartsWith("blkverify found a difference", status.Reason, StringComparison.Ordinal);
        Assert.Contains("waiting for demo-node1", status.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_waits_for_the_reopening_is_told_when_the_volume_ends_before_it_is_worked_out()
    {
        OpenAndStop();
        HoldStore();
        Task<object> reopened = AskToReopen();
        Settle();
        Probe.Send(Volume, new AddExport("demo", new VolumeExport("x", "x", false, "")));
        StepStore();
        StepStore();
        Settle();
        Assert.False(reopened.IsCompleted);
        Assert.Single(Published<VolumeReopened>());

        Sys.Stop(Volume);

        Assert.Contains(
            "was reopened, and does not serve",
            Assert.IsType<AdminRefused>(Await(reopened)).Reason,
            StringComparison.Ordinal);
        Assert.False(Recorded.Stopped);
    }

    [Fact]
    public void A_child_that_fails_a_read_fails_it_and_stops_nothing()
    {
        OpenTwo();
        Nodes[1].FailAll<ReadReplica>(Errno.NoMemory);

        Read(0, Block).ExpectErrno(Errno.NoMemory);

        Settle();
        Assert.Single(Published<QuorumFailure>());
        Assert.Equal("demo-node2", Assert.Single(Published<QuorumReportBad>()).NodeName);
        Assert.False(Recorded.Stopped);
        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
    }

    [Fact]
    public void P3_a_store_that_fails_while_the_stop_is_recorded_fails_the_volume_and_the_read()
    {
        OpenTwo();
        Nodes[1].Lie(0, 1);
        Store.LoseNextAnswer(UnknownOutcome.Applied);

        Read(0, Block).ExpectErrno(Errno.InputOutput);

        Settle();
        Assert.Equal(VolumeCondition.Failed, Status().Condition);
        Assert.Contains("store", Assert.IsType<AdminRefused>(Reopen()).Reason, StringComparison.Ordinal);
        Assert.True(Recorded.Stopped);
    }

    [Fact]
    public void A_child_is_not_added_in_words_that_QEMU_has_too()
    {
        OpenTwo();

        object answer = Await(Volume.Ask<object>(
            new AddChild("demo", "node1"), TimeSpan.FromSeconds(3), World.Time));

        Assert.Equal(
            "Cannot add a child to a quorum in blkverify mode", Assert.IsType<AdminRefused>(answer).Reason);
    }

    private void OpenTwo()
    {
        Open(count: 2, threshold: 2, rewrite: false);
        _said.Clear();
    }

    /// <summary>The first block differs, and a read has found it.</summary>
    private void OpenAndStop()
    {
        OpenTwo();
        Nodes[1].Lie(0, 1);
        Read(0, Block).ExpectErrno(Errno.InputOutput);
        Settle();
    }

    private object Reopen() => Await(AskToReopen());

    private Task<object> AskToReopen() =>
        Volume.Ask<object>(new ReopenVolume("demo"), TimeSpan.FromSeconds(9), World.Time);

    private sealed class Collector(List<object> said) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) => said.Add(message);
    }
}
