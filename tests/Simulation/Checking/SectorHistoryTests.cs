namespace Replication.Simulation.Checking;

/// <summary>The checker itself: right histories pass, and each kind of wrong one is found.</summary>
public sealed class SectorHistoryTests
{
    private readonly SectorHistory _history = new(zeroSince: -1);

    [Fact]
    public void A_read_after_a_write_sees_it()
    {
        _history.AddWrite(1, 0, 10, acknowledged: true);
        _history.AddRead(1, 20, 30);
        Assert.Null(_history.FindViolation());
    }

    [Fact]
    public void A_read_beside_a_write_sees_the_old_or_the_new()
    {
        _history.AddWrite(1, 0, 10, acknowledged: true);
        _history.AddWrite(2, 20, 40, acknowledged: true);
        _history.AddRead(2, 21, 25);
        _history.AddRead(2, 30, 50);
        Assert.Null(_history.FindViolation());
    }

    [Fact]
    public void A_stale_read_is_found()
    {
        _history.AddWrite(1, 0, 10, acknowledged: true);
        _history.AddWrite(2, 20, 30, acknowledged: true);
        _history.AddRead(1, 40, 50);
        Assert.NotNull(_history.FindViolation());
    }

    [Fact]
    public void A_read_that_goes_back_is_found_even_beside_the_write()
    {
        _history.AddWrite(1, 0, 10, acknowledged: true);
        _history.AddWrite(2, 20, 100, acknowledged: true);
        _history.AddRead(2, 30, 40);
        _history.AddRead(1, 50, 60);
        Assert.NotNull(_history.FindViolation());
    }

    [Fact]
    public void A_value_from_the_future_is_found()
    {
        _history.AddRead(1, 0, 10);
        _history.AddWrite(1, 20, 30, acknowledged: true);
        Assert.NotNull(_history.FindViolation());
    }

    [Fact]
    public void A_value_that_nobody_wrote_is_found()
    {
        _history.AddRead(7, 0, 10);
        Assert.NotNull(_history.FindViolation());
    }

    [Fact]
    public void A_lost_acknowledged_write_is_found_as_zeroes()
    {
        _history.AddWrite(1, 0, 10, acknowledged: true);
        _history.AddRead(0, 20, 30);
        Assert.NotNull(_history.FindViolation());
    }

    [Fact]
    public void Zeroes_between_two_reads_of_one_write_are_found()
    {
        _history.AddWrite(1, 0, 100, acknowledged: true);
        _history.AddRead(1, 10, 20);
        _history.AddRead(0, 30, 40);
        _history.AddRead(1, 50, 60);
        Assert.NotNull(_history.FindViolation());
    }

    [Fact]
    public void A_zeroing_after_a_write_explains_zeroes()
    {
        _history.AddWrite(1, 0, 10, acknowledged: true);
        _history.AddZeroing(20, 30, acknowledged: true);
        _history.AddRead(0, 40, 50);
        Assert.Null(_history.FindViolation());
    }

    [Fact]
    public void A_failed_write_may_show_late_or_never()
    {
        _history.AddWrite(1, 0, 10, acknowledged: true);
        _history.AddWrite(2, 20, 30, acknowledged: false);
        _history.AddRead(1, 40, 50);
        _history.AddRead(2, 60, 70);
        Assert.Null(_history.FindViolation());
    }

    [Fact]
    public void A_failed_write_that_came_and_went_again_is_found()
    {
        _history.AddWrite(1, 0, 10, acknowledged: true);
        _history.AddWrite(2, 20, 30, acknowledged: false);
        _history.AddRead(2, 40, 50);
        _history.AddRead(1, 60, 70);
        Assert.NotNull(_history.FindViolation());
    }

    [Fact]
    public void A_sector_says_which_write_it_is_from()
    {
        byte[] sector = new byte[SectorContent.LengthBytes];
        SectorContent.Encode(5, 9, sector);
        Assert.Equal(5, SectorContent.Decode(9, sector));
        Assert.Equal(SectorContent.Garbage, SectorContent.Decode(8, sector));
        sector[100] ^= 1;
        Assert.Equal(SectorContent.Garbage, SectorContent.Decode(9, sector));
    }
}
