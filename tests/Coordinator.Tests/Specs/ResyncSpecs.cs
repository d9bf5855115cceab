using Replication.Actors.Disk;
using Replication.Coordinator.Resync;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>A whole resync of one target, by its job and the desk (P20).</summary>
public sealed class ResyncSpecs : DeskSpec
{
    [Fact]
    public void P20_only_regions_later_than_clean_on_any_child_or_on_the_target_are_copied()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Lie(0, SizeBytes);
        Nodes[0].Stamps[1] = 50;
        Nodes[0].Stamps[3] = 200;
        Nodes[1].Stamps[5] = 300;
        Nodes[2].Stamps[7] = 400;

        ResyncDone done = Resync(clean: 100);

        Assert.Equal(
            [3L, 5L, 7L],
            Nodes[2].AskedFor<WriteReplica>().Select(static write => write.OffsetBytes / Region).Order());
        Assert.Equal((200UL, 300UL, 400UL), (Nodes[2].Stamps[3], Nodes[2].Stamps[5], Nodes[2].Stamps[7]));
        Assert.Equal((3L * Region, 0L), (done.Progress.DoneBytes, done.Progress.ToDoBytes));
        Assert.Equal(3L * Region, done.Progress.CopiedBytes);
    }

    [Fact]
    public void P6_a_region_that_the_target_alone_calls_later_gets_at_least_its_clean_as_stamp()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Answers = static request => request is ListReplicaRegions list
            ? new ReplicaRegions(list.Tag, [new RegionStamp(4, ulong.MaxValue)], SizeBytes / Region)
            : null;

        Resync(clean: 100);

        Assert.Equal(100UL, Nodes[2].AskedFor<StampReplica>().Single().Stamp);
    }

    [Fact]
    public void P20_with_clean_0_everything_is_compared_but_holes_that_nobody_ever_stamped()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Lie(0, 8 * Region);
        Array.ForEach(Nodes, static node => node.Data.AsSpan(8 * Region).Clear());
        Nodes[1].Stamps[12] = 5;
        Array.ForEach(Nodes, static node => node.Answers = HolesFrom(8 * Region));

        ResyncDone done = Resync(clean: 0);

        Assert.Equal(Nodes[0].Data, Nodes[2].Data);
        Assert.Equal(9L * Region, done.Progress.DoneBytes);
        Assert.Equal(5UL, Nodes[2].Stamps[12]);
    }

    [Fact]
    public void A_child_that_cannot_tell_holes_from_data_has_everything_compared()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[1].FailAll<QueryReplicaExtents>(Errno.NotSupported);
        Nodes[0].Answers = HolesFrom(0);
        Nodes[2].Answers = HolesFrom(0);

        Assert.Equal(SizeBytes, Resync(clean: 0).Progress.DoneBytes);
    }

    [Fact]
    public void No_more_regions_are_in_flight_than_the_setting_says()
    {
        Settings = Settings with { ResyncInFlight = 4 };
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Keep<ReadReplica>();
        Begin(clean: 0);
        Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(4, Nodes[2].KeptCount);
        Nodes[2].AnswerKept();
        AwaitCondition(() => Host.Told.OfType<ResyncDone>().Any(), TimeSpan.FromSeconds(5), "the end");
    }

    [Fact]
    public void P20_a_bandwidth_limit_is_kept()
    {
        Settings = Settings with { ResyncRateMax = 4 * Region, ResyncInFlight = 1 };
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Lie(0, SizeBytes);
        TimeSpan begin = World.Elapsed;

        ResyncDone done = Resync(clean: 0);

        Assert.InRange((World.Elapsed - begin).TotalSeconds, 3.7, 4.5);
        Assert.InRange(done.Progress.BytesPerSecond, 3 * Region, 5 * Region);
        ResyncMoved moved = Host.Told.OfType<ResyncMoved>().First();
        Assert.InRange(moved.Progress.SecondsLeft!.Value, 2, 4);
        Assert.InRange(Host.Told.OfType<ResyncMoved>().Count(), 3, 5);
    }

    [Fact]
    public void A_copy_that_fails_for_now_is_tried_again_a_second_later()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Lie(0, SizeBytes);
        Do(static host =>
            host.Desk.SetGate(new Gate.Refuse(new RangeFailed(Errno.InputOutput, "suspended"))));
        Begin(clean: 0);
        Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(Host.Told.OfType<ResyncDone>());

        Do(static host => host.Serve(host.View));
        AwaitCondition(() => Host.Told.OfType<ResyncDone>().Any(), TimeSpan.FromSeconds(2), "the end");

        Assert.Equal(Nodes[0].Data, Nodes[2].Data);
    }

    [Fact]
    public void P13_a_resync_ends_when_its_target_is_out()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Lie(0, Block);
        Nodes[2].FailAll<WriteReplica>(Errno.NoSpace);
        Begin(clean: 0);
        Advance(TimeSpan.FromSeconds(1));

        ResyncFailed failed = Host.Told.OfType<ResyncFailed>().Single();
        Assert.Equal((2, 1u), (failed.ChildIndex, failed.Session));
        Assert.Empty(Host.View.Targets);
    }

    [Fact]
    public void A_source_that_does_not_list_its_regions_is_left_out_and_such_a_target_ends_the_resync()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[1].Keep<ListReplicaRegions>();
        Nodes[0].Stamps[3] = 200;
        Resync(clean: 100, seconds: 8);
        Assert.Equal(200UL, Nodes[2].Stamps[3]);

        Nodes[2].Keep<ListReplicaRegions>();
        Begin(clean: 100);
        Advance(TimeSpan.FromSeconds(6));
        Assert.Contains("demo-node3", Host.Told.OfType<ResyncFailed>().Single().Reason);
    }

    [Fact]
    public void Lists_that_take_several_answers_are_followed_to_the_end()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Lie(0, SizeBytes);
        Nodes[0].Answers = static request => request is ListReplicaRegions list
            ? new ReplicaRegions(list.Tag, [new RegionStamp(list.FirstRegion, 200)], list.FirstRegion + 1)
            : null;

        Assert.Equal(SizeBytes, Resync(clean: 100).Progress.CopiedBytes);
        Assert.Equal(Nodes[0].Data, Nodes[2].Data);
    }

    private static Func<object, object?> HolesFrom(long offsetBytes) => request =>
    {
        if (request is not QueryReplicaExtents query)
        {
            return null;
        }

        long end = query.OffsetBytes + query.LengthBytes;
        List<DiskExtent> extents = [];
        if (query.OffsetBytes < offsetBytes)
        {
            extents.Add(new DiskExtent(query.OffsetBytes, offsetBytes - query.OffsetBytes, IsHole: false));
        }

        extents.Add(new DiskExtent(offsetBytes, end - offsetBytes, IsHole: true));
        return new ReplicaExtents(query.Tag, extents);
    };

    private ResyncDone Resync(ulong clean, double seconds = 6)
    {
        Begin(clean);
        AwaitCondition(() => Host.Told.OfType<ResyncDone>().Any(), TimeSpan.FromSeconds(seconds), "the end");
        return Host.Told.OfType<ResyncDone>().Single();
    }

    private void Begin(ulong clean) => Sys.ActorOf(ResyncJob.Props(new ResyncAssignment
    {
        ChildIndex = Host.View.Targets.Single().Index,
        Target = Host.View.Targets.Single(),
        Sources = Host.View.Children,
        Clean = clean,
        Everything = clean == 0,
        SizeBytes = SizeBytes,
        Settings = Settings,
        Volume = Volume,
    }));
}
