using Replication.Gateway.Nbd;
using Replication.Gateway.Nbd.Transmission;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>The room that all connections share: how it is divided, waited for and given back.</summary>
public sealed class InFlightBudgetTests
{
    private const long MiB = 1 << 20;

    /// <summary>64 MiB: 16 set aside (1 MiB a connection), 48 shared.</summary>
    private static readonly NbdServerOptions Small = new()
    {
        TotalInFlightBytesMax = 64 * MiB,
        ConnectionsMax = 16,
        InFlightBytesMax = 1024 * MiB,
        StallTimeout = TimeSpan.FromHours(1),
    };

    private readonly InFlightBudget _budget = new(Small);

    [Fact]
    public void A_connection_takes_nothing_shared_within_its_own_part()
    {
        using InFlightGauge gauge = Gauge();
        Enter(gauge, (MiB / 4) - InFlightGauge.OverheadBytes, count: 4);
        Assert.Equal(0, _budget.Taken.Bytes);
        Enter(gauge, 0);
        Assert.Equal(InFlightGauge.OverheadBytes, _budget.Taken.Bytes);
        gauge.Leave(5, MiB - (4 * InFlightGauge.OverheadBytes));
        Assert.Equal(0, _budget.Taken.Bytes);
    }

    [Fact]
    public void Each_connection_gets_at_most_what_it_leaves_free()
    {
        List<InFlightGauge> greedy = [];
        List<long> held = [];
        for (int i = 0; i < 5; i++)
        {
            InFlightGauge gauge = Gauge();
            greedy.Add(gauge);
            while (gauge.TryEnter(MiB / 2))
            {
            }

            held.Add(gauge.Shared.Bytes / MiB);
        }

        Assert.Equal([24, 12, 6, 3, 1], held);
        Assert.InRange(_budget.Taken.Bytes, 46 * MiB, 48 * MiB);

        // However little is left, a newcomer has its own part.
        using InFlightGauge late = Gauge();
        Enter(late, MiB / 2);
        greedy.ForEach(static gauge => gauge.Dispose());
    }

    [Fact]
    public async Task Requests_that_hold_nothing_are_divided_in_the_same_way_and_one_of_each_always_fits()
    {
        NbdServerOptions few = Small with { TotalInFlightCountMax = 48 };
        InFlightBudget budget = new(few);
        List<InFlightGauge> greedy = [];
        List<int> held = [];
        for (int i = 0; i < 5; i++)
        {
            InFlightGauge gauge = new(few, budget, static _ => { });
            greedy.Add(gauge);
            while (gauge.TryEnter(0))
            {
            }

            held.Add(gauge.Count);
        }

        Assert.Equal([25, 13, 7, 4, 3], held);
        Assert.Equal(47, budget.Taken.Count);
        using InFlightGauge late = new(few, budget, static _ => { });
        Enter(late, 0);
        Assert.True(late.TryEnter(0));
        Assert.False(late.TryEnter(0));
        Task more = late.WaitForRoomAsync(0, CancellationToken.None);
        Assert.False(more.IsCompleted);
        greedy[0].Leave(2, 0);
        await more;
        Enter(late, 0);
        greedy.ForEach(static gauge => gauge.Leave(gauge.Count, 0));
        late.Leave(3, 0);
        Assert.Equal(default, budget.Taken);
        greedy.ForEach(static gauge => gauge.Dispose());
    }

    /// <summary>An answer is sent before its request leaves: the next one may come in between.</summary>
    [Fact]
    public async Task A_request_goes_on_once_it_fits_its_connections_own_part_though_nothing_comes_back()
    {
        NbdServerOptions few = Small with { TotalInFlightCountMax = 48 };
        InFlightBudget budget = new(few);
        List<InFlightGauge> greedy = [];
        while (budget.Taken.Count < few.TotalInFlightCountMax)
        {
            InFlightGauge gauge = new(few, budget, static _ => { });
            greedy.Add(gauge);
            while (gauge.TryEnter(0))
            {
            }
        }

        using InFlightGauge honest = new(few, budget, static _ => { });
        Enter(honest, 0);
        Assert.False(honest.TryEnter(0));
        Task next = honest.WaitForRoomAsync(0, CancellationToken.None);
        Assert.False(next.IsCompleted);
        honest.Leave(1, 0);
        await next.WaitAsync(TimeSpan.FromSeconds(10));
        Enter(honest, 0);
        Assert.Equal(few.TotalInFlightCountMax, budget.Taken.Count);
        greedy.ForEach(static gauge => gauge.Dispose());
    }

    [Fact]
    public async Task Room_that_comes_back_goes_to_whoever_holds_least()
    {
        using InFlightGauge full = Gauge();
        using InFlightGauge some = Gauge();
        using InFlightGauge none = Gauge();
        Enter(full, 20 * MiB);
        Enter(some, 8 * MiB);
        Assert.False(some.TryEnter(16 * MiB));
        Task greedy = some.WaitForRoomAsync(16 * MiB, CancellationToken.None);
        Assert.False(none.TryEnter(32 * MiB));
        Task modest = none.WaitForRoomAsync(32 * MiB, CancellationToken.None);
        Assert.Equal(2, _budget.WaitingCount);

        // Who holds as much as one that waits does not overtake it, though there is room; within its own part
        // it need not wait.
        Assert.False(full.TryEnter(0));
        using InFlightGauge fresh = Gauge();
        Assert.False(fresh.TryEnter(2 * MiB));
        Enter(fresh, MiB / 2);

        full.Leave(1, 20 * MiB);
        await modest;
        Assert.False(greedy.IsCompleted);
        Enter(none, 32 * MiB);
        none.Leave(1, 32 * MiB);
        await greedy;
        Enter(some, 16 * MiB);
        some.Leave(2, 24 * MiB);
        Assert.Equal((0, 0), (_budget.Taken.Bytes, _budget.WaitingCount));
    }

    [Fact]
    public async Task A_cancelled_wait_takes_nothing_and_lets_the_next_one_go()
    {
        using InFlightGauge full = Gauge();
        using InFlightGauge first = Gauge();
        using InFlightGauge second = Gauge();
        Enter(full, 20 * MiB);
        using CancellationTokenSource stop = new();
        Task large = first.WaitForRoomAsync(32 * MiB, stop.Token);
        Task small = second.WaitForRoomAsync(16 * MiB, CancellationToken.None);
        Assert.False(small.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        await small;
        second.Dispose();
        full.Leave(1, 20 * MiB);
        Assert.Equal((0, 0), (_budget.Taken.Bytes, _budget.WaitingCount));
    }

    [Fact]
    public async Task Room_that_was_put_by_is_used_once_and_the_rest_returned()
    {
        using InFlightGauge gauge = Gauge();
        Enter(gauge, 4 * MiB);
        await gauge.WaitForRoomAsync(8 * MiB, CancellationToken.None);
        long putBy = _budget.Taken.Bytes;
        gauge.Leave(1, 4 * MiB);
        Enter(gauge, 8 * MiB);
        Assert.InRange(_budget.Taken.Bytes, (7 * MiB) + 1, putBy - MiB);
        gauge.Leave(1, 8 * MiB);
        Assert.Equal(0, _budget.Taken.Bytes);
    }

    [Fact]
    public void What_an_ended_connection_has_in_flight_counts_until_it_is_answered_or_abandoned()
    {
        InFlightGauge answered = Gauge();
        InFlightGauge lost = Gauge();
        Enter(answered, 4 * MiB);
        Enter(lost, 4 * MiB);
        answered.Dispose();
        Assert.InRange(_budget.Taken.Bytes, 6 * MiB, 7 * MiB);
        answered.Leave(1, 4 * MiB);
        Assert.InRange(_budget.Taken.Bytes, 3 * MiB, 4 * MiB);
        lost.Abandon();
        lost.Dispose();
        Assert.Equal(0, _budget.Taken.Bytes);
        lost.Leave(1, 4 * MiB);
        lost.Abandon();
        Assert.Equal(0, _budget.Taken.Bytes);
    }

    [Fact]
    public async Task Who_waits_for_the_last_answer_of_a_connection_is_told_when_none_will_come()
    {
        using InFlightGauge gauge = Gauge();
        Enter(gauge, 4 * MiB);
        Task empty = gauge.WaitForEmptyAsync(CancellationToken.None);
        Assert.False(empty.IsCompleted);
        gauge.Abandon();
        await empty;
    }

    [Fact]
    public void A_total_without_room_for_the_largest_request_is_refused()
    {
        Assert.Throws<ArgumentException>(
            () => new InFlightBudget(new NbdServerOptions { TotalInFlightBytesMax = 32 * MiB }));
        _ = new InFlightBudget(
            new NbdServerOptions { TotalInFlightBytesMax = NbdServerOptions.TotalInFlightBytesMin });
    }

    [Fact]
    public async Task Many_connections_at_once_never_hold_more_than_the_total_and_lose_nothing()
    {
        long peak = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(() => DriveAsync(seed))));
        Assert.InRange(peak, 24 * MiB, 48 * MiB);
        Assert.Equal((0, 0), (_budget.Taken.Bytes, _budget.WaitingCount));

        async Task DriveAsync(int seed)
        {
            Random random = new(seed);
            using InFlightGauge gauge = Gauge();
            for (int i = 0; i < 2000; i++)
            {
                int bytes = random.Next(1, 16) << 20;
                while (!gauge.TryEnter(bytes))
                {
                    await gauge.WaitForRoomAsync(bytes, CancellationToken.None);
                }

                Interlocked.Exchange(ref peak, Math.Max(peak, _budget.Taken.Bytes));
                _ = Task.Run(() => gauge.Leave(1, bytes));
            }

            await gauge.WaitForEmptyAsync(CancellationToken.None);
        }
    }

    [Fact]
    public void A_client_that_moves_nothing_is_stalled_and_one_that_moves_or_owes_nothing_is_not()
    {
        ManualTime time = new();
        StallWatch watch = new(TimeSpan.FromSeconds(4), time);
        using InFlightGauge silent = Holding(4);
        using InFlightGauge slow = Holding(4);
        using InFlightGauge waiting = Holding(4);
        using InFlightGauge larger = Holding(8);
        using InFlightGauge trickling = Holding(2);
        foreach (InFlightGauge gauge in new[] { silent, slow, waiting, larger, trickling })
        {
            watch.Add(gauge);
        }

        silent.Client.BeginSend();
        larger.Client.BeginReceive();
        slow.Client.BeginSend();
        for (int second = 0; second < 4; second++)
        {
            Assert.Empty(watch.Check(MiB));
            time.Now += TimeSpan.FromSeconds(1);
            slow.Client.EndSend(40 << 10);
            slow.Client.BeginSend();
            trickling.Client.EndSend(1);
            trickling.Client.BeginSend();
        }

        Assert.Equal([larger, silent], watch.Check(8 * MiB));
        time.Now += TimeSpan.FromSeconds(1);
        Assert.Equal([larger, silent, trickling], watch.Check(64 * MiB));
        time.Now += TimeSpan.FromSeconds(1);
        Assert.Equal([larger], watch.Check(1));
        time.Now += TimeSpan.FromSeconds(1);
        Assert.Empty(watch.Check(0));

        // Nobody waited for long, so nobody looked: the earlier look says nothing any more.
        time.Now += TimeSpan.FromSeconds(100);
        Assert.Empty(watch.Check(MiB));
    }

    private static void Enter(InFlightGauge gauge, long bytes, int count = 1)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.True(gauge.TryEnter(bytes));
        }
    }

    private InFlightGauge Holding(int mebibytes)
    {
        InFlightGauge gauge = Gauge();
        Enter(gauge, mebibytes * MiB);
        return gauge;
    }

    private InFlightGauge Gauge() => new(Small, _budget, static _ => { });

    private sealed class ManualTime : TimeProvider
    {
        internal TimeSpan Now { get; set; } = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
