using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Overlapping requests are served in arrival order, others side by side.</summary>
public sealed class OrderSpecs : VolumeSpec
{
    [Fact]
    public void A_read_behind_a_write_waits_for_it_and_sees_it()
    {
        Open();
        Nodes[0].Keep<WriteReplica>();
        ClientReply write = Write(0, Filled(10, 1));
        ClientReply read = Read(5, 10);
        Advance(TimeSpan.FromSeconds(1));
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<ReadReplica>()));
        Nodes[0].AnswerKept();

        read.Expect<RangeRead>();
        Assert.Equal(Filled(5, 1), read.Bytes[..5]);
        Assert.True(write.IsAnswered);
    }

    [Fact]
    public void A_write_behind_a_read_waits_until_every_child_has_answered_the_read()
    {
        Open();
        int late = NextDataChild() == 0 ? 1 : 0;
        Nodes[late].Keep<ReadReplica>();
        ClientReply read = Read(0, 10);
        ClientReply write = Write(0, Filled(10, 1));

        read.Expect<RangeRead>();
        Settle();
        Assert.Empty(Nodes[2].AskedFor<WriteReplica>());
        Nodes[late].AnswerKept();
        write.Expect<RangeDone>();
    }

    [Fact]
    public void Requests_that_do_not_overlap_run_side_by_side()
    {
        Open();
        Nodes[0].Keep<WriteReplica>(static write => write.OffsetBytes == 0);
        ClientReply stuck = Write(0, Filled(Block, 1));

        Write(Block, Filled(10, 1)).Expect<RangeDone>();
        Read(2 * Block, 10).Expect<RangeRead>();
        Flush().Expect<RangeDone>();

        Assert.False(stuck.IsAnswered);
        Nodes[0].AnswerKept();
        stuck.Expect<RangeDone>();
    }

    [Fact]
    public void Many_overlapping_writes_end_with_the_last_one_on_every_child()
    {
        Open();
        ClientReply[] writes =
            [.. Enumerable.Range(1, 50).Select(i => Write(i % 3 * 100, Filled(250, (byte)i)))];

        Array.ForEach(writes, static write => write.Expect<RangeDone>());

        Assert.All(Nodes, static node => Assert.Equal(Filled(250, 50), node.Data.AsSpan(200, 250).ToArray()));
        ulong[] stamps = [.. Nodes[0].AskedFor<WriteReplica>().Select(static write => write.Stamp)];
        Assert.Equal(stamps.Order(), stamps);
        Assert.Equal(50, stamps.Distinct().Count());
    }
}
