using Replication.Coordinator.Resync;

namespace Replication.Coordinator.Tests.Resync;

public sealed class CopyPaceTests
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void Alone_and_without_a_limit_there_is_nothing_to_wait_for()
    {
        CopyPace pace = new(rateMax: 0);
        pace.OnCopied(5 * Millisecond, Copied(hasCompany: false), inFlight: 15);

        Assert.Equal(TimeSpan.Zero, pace.WaitBeforeNext(5 * Millisecond, inFlight: 15));
    }

    [Fact]
    public void P20_in_company_a_round_ends_and_then_nothing_is_copied_for_as_long_as_it_took()
    {
        CopyPace pace = new(rateMax: 0);
        Assert.Equal(TimeSpan.Zero, pace.WaitBeforeNext(10 * Millisecond, inFlight: 0));
        Assert.Equal(TimeSpan.Zero, pace.WaitBeforeNext(10 * Millisecond, inFlight: 1));

        pace.OnCopied(14 * Millisecond, Copied(hasCompany: true), inFlight: 1);
        Assert.Equal(TimeSpan.MaxValue, pace.WaitBeforeNext(14 * Millisecond, inFlight: 1));
        pace.OnCopied(16 * Millisecond, Copied(hasCompany: false), inFlight: 0);

        Assert.Equal(6 * Millisecond, pace.WaitBeforeNext(16 * Millisecond, inFlight: 0));
        Assert.Equal(TimeSpan.Zero, pace.WaitBeforeNext(22 * Millisecond, inFlight: 0));
    }

    [Fact]
    public void A_round_that_hung_is_not_paid_for_in_full()
    {
        CopyPace pace = new(rateMax: 0);
        pace.WaitBeforeNext(TimeSpan.Zero, inFlight: 0);
        pace.OnCopied(TimeSpan.FromSeconds(5), Copied(hasCompany: true), inFlight: 0);

        Assert.Equal(CopyPace.RestMax, pace.WaitBeforeNext(TimeSpan.FromSeconds(5), inFlight: 0));
    }

    private static RegionCopied Copied(bool hasCompany) => new(65_536, hasCompany);
}
