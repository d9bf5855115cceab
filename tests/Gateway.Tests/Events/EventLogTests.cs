using System.Text.Json;
using Replication.Coordinator.Events;
using Replication.Gateway.Events;

namespace Replication.Gateway.Tests.Events;

public sealed class EventLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    [Fact]
    public async Task Events_are_there_after_a_restart_in_their_order()
    {
        await AppendAsync(KeptMax(10), 1, 2, 3);

        await using EventLog again = EventLog.Open(_folder.Path, KeptMax(10));

        Assert.Equal([1, 2, 3], again.Last(10).Select(SectorNum));
    }

    [Fact]
    public async Task Only_the_last_ones_are_kept_and_the_disk_holds_at_most_twice_as_many()
    {
        await AppendAsync(KeptMax(4), [.. Enumerable.Range(1, 23)]);

        await using EventLog again = EventLog.Open(_folder.Path, KeptMax(4));

        Assert.Equal([20, 21, 22, 23], again.Last(100).Select(SectorNum));
        int lines = Directory.GetFiles(_folder.Path).Sum(static file => File.ReadAllLines(file).Length);
        Assert.InRange(lines, 4, 8);
    }

    [Fact]
    public async Task The_last_ones_are_found_across_the_two_segments_of_several_runs()
    {
        await AppendAsync(KeptMax(4), 1, 2, 3);
        await AppendAsync(KeptMax(4), 4, 5, 6);

        await using EventLog again = EventLog.Open(_folder.Path, KeptMax(4));

        Assert.Equal([3, 4, 5, 6], again.Last(4).Select(SectorNum));
        Assert.Equal([5, 6], again.Last(2).Select(SectorNum));
        Assert.Empty(again.Last(0));
    }

    [Theory]
    [InlineData("{\"event\":\"QUO")]
    [InlineData("{\"event\":\"QUORUM_FAILURE\"}")]
    public async Task A_torn_last_line_is_cut_and_the_next_event_does_not_join_it(string torn)
    {
        await AppendAsync(KeptMax(10), 1);
        File.AppendAllText(CurrentFile, torn);

        await AppendAsync(KeptMax(10), 2);

        await using EventLog again = EventLog.Open(_folder.Path, KeptMax(10));
        Assert.Equal([1, 2], again.Last(10).Select(SectorNum));
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task A_line_that_is_no_event_is_left_out_and_said()
    {
        await AppendAsync(KeptMax(10), 1);
        File.AppendAllText(CurrentFile, "garbage\n");

        await using EventLog again = EventLog.Open(_folder.Path, KeptMax(10));

        Assert.Equal([1], again.Last(10).Select(SectorNum));
        Assert.Contains("1 lines", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_follower_gets_what_comes_after_it_began_and_nothing_after_it_ended()
    {
        await using EventLog log = EventLog.Open(_folder.Path, KeptMax(10));
        List<long> followed = [];
        using SemaphoreSlim told = new(0);
        IDisposable following = log.Follow(line =>
        {
            followed.Add(SectorNum(line));
            told.Release();
        });

        log.Append(Failure(1));
        Assert.True(await told.WaitAsync(TimeSpan.FromSeconds(10)));
        following.Dispose();
        log.Append(Failure(2));
        await log.DisposeAsync();

        Assert.Equal([1], followed);
    }

    [Fact]
    public async Task An_event_that_finds_the_queue_full_is_counted_and_never_waits()
    {
        EventLogOptions options = KeptMax(100) with { QueueMax = 2 };
        EventLog log = EventLog.Open(_folder.Path, options);
        using ManualResetEventSlim goOn = new();
        using ManualResetEventSlim blocked = new();
        using IDisposable following = log.Follow(_ =>
        {
            blocked.Set();
            goOn.Wait(TimeSpan.FromSeconds(10));
        });
        log.Append(Failure(0));
        Assert.True(blocked.Wait(TimeSpan.FromSeconds(10)));

        for (int number = 1; number <= 5; number++)
        {
            log.Append(Failure(number));
        }

        Assert.Equal(3, log.LostCount);
        goOn.Set();
        await log.DisposeAsync();
        Assert.Equal([0, 1, 2], log.Last(100).Select(SectorNum));
        Assert.Contains("3 events", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_from_where_the_last_answer_ended_gives_each_event_once_and_says_what_is_gone()
    {
        await AppendAsync(KeptMax(4), 1, 2);
        EventLog log = EventLog.Open(_folder.Path, KeptMax(4));
        EventPage before = log.Since(from: null);
        Assert.Equal([1, 2], before.Lines.Select(SectorNum));

        for (int sector = 3; sector <= 8; sector++)
        {
            log.Append(Failure(sector));
        }

        await log.DisposeAsync();
        EventPage after = log.Since(before.Next);
        Assert.Equal([5, 6, 7, 8], after.Lines.Select(SectorNum));
        Assert.Equal((0, 2), (before.MissedCount, after.MissedCount));
        Assert.Equal([8], log.Since(after.Next - 1).Lines.Select(SectorNum));
        Assert.Empty(log.Since(after.Next).Lines);
        Assert.Equal(after.Next, log.Since(long.MaxValue).Next);
    }

    public void Dispose() => _folder.Dispose();

    private string CurrentFile => _folder.File("events.jsonl");

    private EventLogOptions KeptMax(int kept) => new() { KeptMax = kept, Warn = _warnings.Add };

    private async Task AppendAsync(EventLogOptions options, params int[] sectors)
    {
        await using EventLog log = EventLog.Open(_folder.Path, options);
        foreach (int sector in sectors)
        {
            log.Append(Failure(sector));
        }
    }

    private static QuorumFailure Failure(int sector) => new(DateTimeOffset.UnixEpoch, "demo", sector, 1);

    private static long SectorNum(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("data").GetProperty("sector-num").GetInt64();
    }
}
