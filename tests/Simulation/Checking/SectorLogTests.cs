namespace Replication.Simulation.Checking;

/// <summary>The checker over losses of unflushed writes: what may go back, and how far.</summary>
public sealed class SectorLogTests
{
    private readonly SectorLog _sector = new();
    private readonly FlushLog _flushes = new();

    [Fact]
    public void An_unflushed_write_may_be_lost()
    {
        Write(1, 10, 20);
        Flush(30);
        Write(2, 40, 50);
        _flushes.AddLoss(60);
        Read(1, 70);
        Assert.Null(_sector.FindViolation(_flushes));
    }

    [Fact]
    public void An_unflushed_write_may_survive()
    {
        Write(1, 10, 20);
        Write(2, 40, 50);
        _flushes.AddLoss(60);
        Read(2, 70);
        Assert.Null(_sector.FindViolation(_flushes));
    }

    [Fact]
    public void A_lost_write_without_a_declared_loss_is_found()
    {
        Write(1, 10, 20);
        Write(2, 40, 50);
        Read(1, 70);
        Assert.NotNull(_sector.FindViolation(_flushes));
    }

    [Fact]
    public void A_lost_flushed_write_is_found()
    {
        Write(1, 10, 20);
        Write(2, 30, 40);
        Flush(50);
        _flushes.AddLoss(60);
        Read(1, 70);
        Assert.NotNull(_sector.FindViolation(_flushes));
    }

    [Fact]
    public void A_lost_flushed_write_is_found_as_zeroes()
    {
        Write(1, 10, 20);
        Flush(30);
        _flushes.AddLoss(60);
        Read(0, 70);
        Assert.NotNull(_sector.FindViolation(_flushes));
    }

    [Fact]
    public void A_lost_write_that_said_that_it_was_durable_is_found()
    {
        Write(1, 10, 20, durable: true);
        _flushes.AddLoss(60);
        Read(0, 70);
        Assert.NotNull(_sector.FindViolation(_flushes));
    }

    [Fact]
    public void A_flush_that_was_sent_before_the_answer_covers_nothing()
    {
        Write(1, 10, 20);
        Flush(15);
        _flushes.AddLoss(60);
        Read(0, 70);
        Assert.Null(_sector.FindViolation(_flushes));
    }

    [Fact]
    public void A_flush_that_a_loss_overtook_covers_nothing()
    {
        Write(1, 10, 20);
        _flushes.AddLoss(60);
        _flushes.AddFlush(start: 30);
        Read(0, 70);
        Assert.Null(_sector.FindViolation(_flushes));
    }

    [Fact]
    public void Two_values_of_before_a_loss_are_found()
    {
        Write(1, 10, 20);
        Write(2, 30, 40);
        _flushes.AddLoss(60);
        Read(1, 70);
        Read(2, 80);
        Assert.NotNull(_sector.FindViolation(_flushes));
    }

    [Fact]
    public void A_value_that_comes_back_after_the_loss_was_written_over_is_found()
    {
        Write(1, 10, 20);
        _flushes.AddLoss(60);
        Write(2, 70, 80);
        Read(1, 90);
        Assert.NotNull(_sector.FindViolation(_flushes));
    }

    [Fact]
    public void Without_a_flush_in_between_a_second_loss_may_go_further_back()
    {
        Write(1, 10, 20);
        Write(2, 30, 40);
        _flushes.AddLoss(60);
        Read(2, 70);
        _flushes.AddLoss(100);
        Read(1, 110);
        Assert.Null(_sector.FindViolation(_flushes));
    }

    [Fact]
    public void What_was_seen_and_flushed_after_a_loss_does_not_change_with_the_next()
    {
        Write(1, 10, 20);
        Write(2, 30, 40);
        _flushes.AddLoss(60);
        Read(1, 70);
        Flush(80);
        _flushes.AddLoss(100);
        Read(2, 110);
        Assert.NotNull(_sector.FindViolation(_flushes));
    }

    [Fact]
    public void A_write_that_was_never_answered_may_show_after_a_loss()
    {
        Write(1, 10, 20);
        Flush(30);
        _sector.Add(new LoggedWrite(2, start: 40));
        _flushes.AddLoss(60);
        Read(1, 70);
        Read(2, 80);
        Assert.Null(_sector.FindViolation(_flushes));
    }

    [Fact]
    public void A_copy_without_the_last_acknowledged_write_is_behind()
    {
        Write(1, 10, 20);
        Write(2, 30, 40);
        Assert.NotNull(WhyBehind(1));
        Assert.NotNull(WhyBehind(0));
        Assert.NotNull(WhyBehind(7));
        Assert.Null(WhyBehind(2));
    }

    [Fact]
    public void After_a_loss_a_copy_is_behind_only_without_what_was_flushed()
    {
        Write(1, 10, 20);
        Flush(25);
        Write(2, 30, 40);
        _flushes.AddLoss(60);
        Assert.Null(WhyBehind(1));
        Assert.NotNull(WhyBehind(0));
    }

    private void Write(long value, long start, long end, bool durable = false)
    {
        LoggedWrite write = new(value, start);
        write.Acknowledge(end, durable);
        _sector.Add(write);
    }

    private void Flush(long start) => _flushes.AddFlush(start);

    private void Read(long value, long start) => _sector.AddRead(value, start, start + 5);

    private string? WhyBehind(long value) => _sector.WhyBehind(value, _flushes, static _ => true);
}
