using System.Globalization;
using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.TestKit.Simulation;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>
/// A store that fails, a coordinator with a bug, a volume that ends: nobody is left without an answer.
/// </summary>
public sealed class FailureSpecs : VolumeSpec
{
    [Theory]
    [InlineData(UnknownOutcome.Applied)]
    [InlineData(UnknownOutcome.NotApplied)]
    [InlineData(UnknownOutcome.AppliedLater)]
    public void P3_a_write_whose_record_change_has_an_unknown_outcome_fails_and_stops_the_volume(
        UnknownOutcome outcome)
    {
        Open();
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Store.LoseNextAnswer(outcome);

        ClientReply write = Write(0, Filled(10, 1));
        ClientReply behind = Read(0, 10);

        write.ExpectErrno(Errno.NoSpace);
        behind.ExpectErrno(Errno.InputOutput);
        Assert.Equal(VolumeCondition.Failed, Status().Condition);
        Flush().ExpectErrno(Errno.InputOutput);
    }

    [Fact]
    public void A_record_that_somebody_else_changed_stops_the_volume()
    {
        Open();
        VolumeRecord next = Assert.IsType<RecordChange.Allowed>(Recorded.WithEpochRaised("gateway-2")).Record;
        VolumeEntry entry = new(Recorded, Store.Entries.Single().Revision);
        Await(new VolumeRecords(Store).ChangeAsync(entry, next));
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);

        Write(0, Filled(10, 1)).ExpectErrno(Errno.NoSpace);

        Assert.Equal(VolumeCondition.Failed, Status().Condition);
        Assert.Equal("gateway-2", Recorded.Owner);
    }

    [Fact]
    public void While_the_store_cannot_be_reached_requests_that_need_no_change_go_on()
    {
        Open();
        Store.IsReachable = false;

        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Read(0, 10).Expect<RangeRead>();
        Flush().Expect<RangeDone>();
    }

    [Fact]
    public void A_bug_in_one_coordinator_fails_that_request_alone_with_eio()
    {
        Open();
        int data = NextDataChild();
        PooledBuffer dead = PooledBuffer.Rent(Block);
        dead.Release();
        Nodes[data].Answers = request => request is ReadReplica { Mode: ReplicaReadMode.Data } read
            ? new ReplicaRead(read.Tag, default, dead, null)
            : null;

        ClientReply read = Read(0, Block);
        ClientReply elsewhere = Write(8 * Block, Filled(10, 1));

        read.ExpectErrno(Errno.InputOutput);
        elsewhere.Expect<RangeDone>();
        Settle();
        Assert.NotEmpty(ActorFailures);
        ActorFailures.Clear();
        Nodes[data].Answers = null;
        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
    }

    [Fact]
    public void A_reply_with_a_tag_that_nobody_gave_disturbs_nobody()
    {
        Open(count: 4, threshold: 2);
        Nodes[0].Answers = request => request is WriteReplica write
            ? new ReplicaDone(write.Tag | 0xC8)
            : null;
        Nodes[1].Answers = request => request is ReadReplica read
            ? new ReplicaRead(read.Tag | 0xC8, default, Buffers.CopyOf(Filled(10, 1)), null)
            : null;

        Write(0, Filled(10, 1)).Expect<RangeDone>(TimeSpan.FromSeconds(7));
        Read(Block, Block).Expect<RangeRead>(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public void A_volume_that_is_stopped_answers_everyone_and_gives_every_payload_back()
    {
        Open();
        Array.ForEach(Nodes, static node => node.Keep<ReplicaRequest>());
        ClientReply[] replies =
        [
            Write(0, Filled(10, 1)), Write(5, Filled(10, 1)), Read(0, 10), Read(Block, 10), Flush(),
            Ask(new ZeroRange(2 * Block, 10, ZeroMode.MayPunch, Fua: false)),
            Ask(new QueryRangeExtents(3 * Block, 10)),
        ];
        Settle();

        Sys.Stop(Volume);
        Settle();

        Assert.All(replies, static reply => Assert.IsType<RangeFailed>(Assert.Single(reply.Replies)));
    }

    [Fact]
    public void A_volume_that_is_stopped_while_a_repair_waits_gives_its_payloads_back()
    {
        Open();
        Nodes[1].Lie(0, 5);
        Nodes[1].Keep<WriteReplica>();
        Read(0, Block).Expect<RangeRead>();
        Settle();
        ClientReply behind = Write(0, Filled(10, 1));
        Settle();

        Sys.Stop(Volume);
        Settle();

        Assert.IsType<RangeFailed>(Assert.Single(behind.Replies));
    }

    [Fact]
    public void Held_requests_are_answered_when_the_volume_is_stopped_while_opening()
    {
        Start(arrange: static nodes => nodes[0].Keep<OpenReplica>());
        ClientReply write = Write(0, Filled(10, 1));
        Advance(TimeSpan.FromMilliseconds(100));

        Sys.Stop(Volume);
        Settle();

        write.ExpectErrno(Errno.Shutdown);
    }

    [Fact]
    public void More_requests_than_the_limit_are_refused_and_those_before_are_served()
    {
        Settings = Settings with { RequestsMax = 100 };
        Open();
        Array.ForEach(Nodes, static node => node.Keep<ReplicaRequest>());
        ClientReply[] taken = [.. Enumerable.Range(0, 100).Select(i => Write(i, Filled(10, 1)))];
        Settle();

        Write(0, Filled(10, 1)).ExpectErrno(Errno.NoMemory);

        Array.ForEach(Nodes, static node => node.AnswerKept());
        Array.ForEach(taken, static write => write.Expect<RangeDone>());
    }

    [Fact]
    public void A_read_longer_than_32_MiB_is_refused_before_anything_is_allocated_for_it()
    {
        VolumeSizeBytes = 1L << 30;
        Open();

        Read(0, (32 << 20) + 1).ExpectErrno(Errno.Invalid);

        Assert.All(Nodes, static node => Assert.Empty(node.Asked));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Whatever_fails_every_request_gets_one_answer_and_every_payload_is_given_back(int seed)
    {
        SeededIdSource random = World.Random($"faults {seed}");
        Open();
        foreach (ReplicaStandIn node in Nodes)
        {
            node.Answers = request => Misbehave(random, request);
        }

        for (int i = 0; i < 150; i++)
        {
            AskAnything(random, i);
            Advance(TimeSpan.FromMilliseconds(random.NextInt(60)));
            if (i % 40 == 39)
            {
                Nodes[random.NextInt(3)].LoseConnection();
            }

            if (i % 25 == 24)
            {
                Nodes[random.NextInt(3)].Lie(random.NextInt(SizeBytes / 64), 1);
            }
        }

        Array.ForEach(Nodes, static node => node.AnswerKept());
        Advance(TimeSpan.FromSeconds(60));
    }

    private void AskAnything(SeededIdSource random, int number)
    {
        long offset = random.NextInt(SizeBytes / 64);
        int length = 1 + random.NextInt(4 * Block);
        _ = random.NextInt(6) switch
        {
            0 or 1 => Read(offset, length),
            2 => Write(offset, Filled(length, (byte)number), fua: number % 2 == 0),
            3 => Ask(new ZeroRange(offset, length, ZeroMode.MayPunch, Fua: false)),
            4 => Flush(),
            _ => Ask(new QueryRangeExtents(offset, length)),
        };
    }

    private static object? Misbehave(SeededIdSource random, object request)
    {
        if (request is not ReplicaRequest asked)
        {
            return null;
        }

        return random.NextInt(120) switch
        {
            0 => ReplicaStandIn.Silence,
            1 => new ReplicaFailed(asked.Tag, ReplicaRefusal.DiskError, Errno.InputOutput, "by chance"),
            2 => new ReplicaFailed(asked.Tag, ReplicaRefusal.BadRequest, Errno.Invalid, "by chance"),
            3 => new ReplicaExtents(asked.Tag, []),
            _ => null,
        };
    }
}
