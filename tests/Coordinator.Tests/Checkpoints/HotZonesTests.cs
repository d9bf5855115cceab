using Replication.Coordinator.Checkpoints;

namespace Replication.Coordinator.Tests.Checkpoints;

public sealed class HotZonesTests
{
    private const long Zone = 4 << 20;

    private readonly HotZones _zones = new(limit: 4);

    [Fact]
    public void P7_zones_that_are_hot_take_no_more_room_and_others_have_to_fit()
    {
        _zones.MarkWritten((0, 2 * Zone), 1);
        _zones.MarkCopied((2 * Zone, Zone));

        Assert.True(_zones.HasRoomFor((0, 3 * Zone)));
        Assert.True(_zones.HasRoomFor((5 * Zone, 1)));
        Assert.False(_zones.HasRoomFor((5 * Zone - 1, 2)));
    }

    [Fact]
    public void A_request_wider_than_the_limit_runs_when_nothing_else_is_hot()
    {
        Assert.True(_zones.HasRoomFor((0, 100 * Zone)));
        _zones.MarkWritten((0, 1), 1);

        Assert.False(_zones.HasRoomFor((0, 100 * Zone)));
    }

    [Fact]
    public void P7_a_checkpoint_takes_out_what_it_covers_and_nothing_else()
    {
        _zones.MarkWritten((0, 1), 1);
        _zones.MarkWritten((Zone, 1), 2);
        _zones.MarkWritten((0, 1), 3);
        _zones.Cover(2);

        Assert.Equal(1, _zones.Count);
        _zones.Cover(3);
        Assert.Equal(0, _zones.Count);
    }

    [Fact]
    public void A_copy_that_ends_after_a_checkpoint_was_sent_is_not_covered_by_it()
    {
        _zones.MarkCopied((0, 1));
        _zones.MarkCopied((Zone, 1));
        _zones.BeginCheckpoint(5);
        _zones.MarkCopied((0, 1));
        _zones.EndCheckpoint(succeeded: true);
        Assert.Equal(1, _zones.Count);
        _zones.BeginCheckpoint(5);
        _zones.EndCheckpoint(succeeded: false);

        Assert.Equal(1, _zones.Count);
    }

    [Fact]
    public void What_a_takeover_found_goes_with_the_first_checkpoint_that_claims_anything()
    {
        _zones.TakeOver(4);
        _zones.Cover(0);
        Assert.False(_zones.HasRoomFor((0, 1)));
        _zones.Cover(1);

        Assert.True(_zones.HasRoomFor((0, 1)));
    }

    [Fact]
    public void P7_half_of_the_limit_calls_for_a_checkpoint_once()
    {
        _zones.MarkWritten((0, 1), 1);
        Assert.False(_zones.IsHalfFull);
        _zones.MarkWritten((Zone, 1), 2);
        Assert.True(_zones.IsHalfFull);
        _zones.BeginCheckpoint(1);
        _zones.MarkWritten((Zone, 1), 3);

        Assert.False(_zones.IsHalfFull);
    }
}
