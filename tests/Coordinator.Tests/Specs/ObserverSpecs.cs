using Replication.Actors.Disk;
using Replication.Coordinator.Observing;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>What an observer is told of a volume's requests.</summary>
public sealed class ObserverSpecs : VolumeSpec
{
    [Fact]
    public void A_read_is_reported_once_with_its_range_its_times_and_nothing_wrong()
    {
        Open();
        Reports.All.Clear();
        long before = World.Time.GetTimestamp();

        Read(8192, Block).Expect<RangeRead>();
        Settle();

        RequestReport report = Assert.Single(Reports.All);
        Assert.Equal(RequestKind.Read, report.Kind);
        Assert.Equal((VolumeName, Recorded.Id), (report.VolumeName, report.VolumeId));
        Assert.Equal((8192L, (long)Block), (report.OffsetBytes, report.LengthBytes));
        Assert.Equal((0, null), (report.Errno, report.Reason));
        Assert.Empty(report.Children);
        Assert.True(before <= report.ArrivedAt && report.ArrivedAt <= report.StartedAt);
        Assert.True(report.StartedAt <= report.AnsweredAt && report.AnsweredAt <= report.EndedAt);
        Assert.Equal(Recorded.Epoch, report.Id.Epoch);
        Assert.True(report.Id.Number > 0);
    }

    [Fact]
    public void Each_kind_of_request_is_named_and_no_two_have_the_same_id()
    {
        Open();
        Reports.All.Clear();

        Read(0, Block).Expect<RangeRead>();
        Write(0, Filled(Block, 1)).Expect<RangeDone>();
        ZeroRange zero = new(Block, Block, ZeroMode.MayPunch, Fua: false);
        Ask(zero).Expect<RangeDone>();
        Ask(zero with { IsTrim = true }).Expect<RangeDone>();
        Flush().Expect<RangeDone>();
        Ask(new QueryRangeExtents(0, Block)).Expect<RangeExtents>();
        Settle();

        Assert.Equal(
            [
                RequestKind.Read, RequestKind.Write, RequestKind.Zero, RequestKind.Trim, RequestKind.Flush,
                RequestKind.Extents,
            ],
            Reports.OfClients.Select(static report => report.Kind));
        Assert.Distinct(Reports.All.Select(static report => report.Id));
    }

    [Fact]
    public void All_that_replicas_are_asked_for_a_request_carries_its_number()
    {
        Open();
        Nodes[1].Lie(100, 5);
        Reports.All.Clear();
        Forget();

        Read(0, Block).Expect<RangeRead>();
        Settle();

        ulong number = Assert.Single(Reports.All).Id.Number;
        ReplicaRequest[] asked = [.. Nodes.SelectMany(static node => node.AskedFor<ReplicaRequest>())];
        Assert.Contains(asked, static request => request is WriteReplica);
        Assert.All(asked, request => Assert.Equal(number, request.RequestNumber));
    }

    [Fact]
    public void A_restart_of_the_gateway_never_gives_an_id_again()
    {
        Open();
        Read(0, Block).Expect<RangeRead>();
        Settle();
        Sys.Stop(Volume);
        Settle();

        StartAgain();
        Opened();
        Read(0, Block).Expect<RangeRead>();
        Settle();

        Assert.Equal(2, Reports.OfClients.Count());
        Assert.Distinct(Reports.All.Select(static report => report.Id));
    }

    [Fact]
    public void A_lost_vote_and_its_repair_are_in_the_report_with_the_child()
    {
        Open();
        Nodes[1].Lie(100, 5);

        Read(0, Block).Expect<RangeRead>();
        Settle();

        RequestReport report = Assert.Single(Reports.OfClients);
        ChildReport child = Assert.Single(report.Children);
        Assert.Equal(0, report.Errno);
        Assert.Equal((1, "demo-node2", 1, 1), (child.Index, child.NodeName, child.VotesLost, child.Repairs));
        Assert.Equal((0, 0), (child.Errors, child.Errno));
    }

    [Fact]
    public void A_child_that_fails_a_write_is_in_the_report_with_its_errno_and_reason()
    {
        Open();
        Nodes[2].FailAll<WriteReplica>(Errno.NoSpace);

        Write(0, Filled(Block, 1)).Expect<RangeDone>();
        Settle();

        RequestReport report = Assert.Single(Reports.OfClients);
        ChildReport child = Assert.Single(report.Children);
        Assert.Equal(0, report.Errno);
        Assert.Equal((2, 1, Errno.NoSpace), (child.Index, child.Errors, child.Errno));
        Assert.Equal("told to fail", child.Reason);
    }

    [Fact]
    public void A_child_that_does_not_answer_is_in_the_report_and_its_wait_is_not_the_clients()
    {
        Open();
        int silent = (NextDataChild() + 1) % Nodes.Length;
        Nodes[silent].Keep<ReadReplica>();
        Reports.All.Clear();

        Read(0, Block).Expect<RangeRead>();
        Advance(Settings.ChildTimeout * 2);

        RequestReport report = Assert.Single(Reports.OfClients);
        ChildReport child = Assert.Single(report.Children);
        Assert.Equal((silent, Errno.TimedOut), (child.Index, child.Errno));
        Assert.Contains("did not answer", child.Reason, StringComparison.Ordinal);
        TimeSpan answered = World.Time.GetElapsedTime(report.ArrivedAt, report.AnsweredAt);
        TimeSpan ended = World.Time.GetElapsedTime(report.ArrivedAt, report.EndedAt);
        Assert.True(answered < Settings.ChildTimeout / 10 && ended >= Settings.ChildTimeout);
    }

    [Fact]
    public void A_request_that_is_refused_is_reported_with_the_errno_that_its_client_gets()
    {
        Open();

        RangeFailed refusal = Read(SizeBytes, Block).Expect<RangeFailed>();

        RequestReport report = Assert.Single(Reports.OfClients);
        Assert.Equal((Errno.Invalid, refusal.Reason), (report.Errno, report.Reason));
        Assert.Equal(Recorded.Epoch, report.Id.Epoch);
    }

    [Fact]
    public void Status_says_how_many_requests_wait_for_the_lock_of_their_range()
    {
        Open();
        foreach (ReplicaStandIn node in Nodes)
        {
            node.Keep<WriteReplica>();
        }

        Write(0, Filled(Block, 1));
        Write(0, Filled(Block, 2));
        Read(0, Block);
        Write(4 * Block, Filled(Block, 3));
        Settle();

        VolumeStatus status = Status();
        Assert.Equal((2, 2, 2), (status.RequestsRunning, status.RequestsWaiting, status.LockWaiters));
    }

    [Fact]
    public void A_request_that_a_stopping_volume_cuts_short_is_reported()
    {
        Open();
        foreach (ReplicaStandIn node in Nodes)
        {
            node.Keep<ReadReplica>();
        }

        ClientReply read = Read(0, Block);
        Settle();
        Sys.Stop(Volume);
        Settle();

        int errno = read.Expect<RangeFailed>().Errno;
        Assert.Equal(errno, Assert.Single(Reports.OfClients).Errno);
    }
}
