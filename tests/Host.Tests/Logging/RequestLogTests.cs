using System.Text.Json;
using Replication.Actors.Disk;
using Replication.Actors.Logging;
using Replication.Coordinator.Observing;
using Replication.Host.Logging;
using Replication.Messages;
using Replication.ReplicaNode.Observing;

namespace Replication.Host.Tests.Logging;

/// <summary>Which requests have an entry, and what is in it.</summary>
public sealed class RequestLogTests
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_request_with_nothing_wrong_has_no_entry_and_costs_no_allocation()
    {
        await using LogReader log = new();
        RequestLog requests = new(Entries(log), TimeProvider.System, Slow);
        RequestReport report = Requested(milliseconds: 999);
        requests.OnEnded(report);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int count = 0; count < 1000; count++)
        {
            requests.OnEnded(report);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Empty(await log.EndAsync());
    }

    [Fact]
    public async Task At_debug_every_request_has_an_entry_with_its_id_and_durations()
    {
        await using LogReader log = new(new LogSettings { Level = LogLevel.Debug });
        new RequestLog(Entries(log), TimeProvider.System, Slow).OnEnded(Requested(milliseconds: 12));

        JsonElement entry = Assert.Single(await log.EndAsync());
        Assert.Equal(("debug", "vm"), (Text(entry, "level"), Text(entry, "volume")));
        Assert.Equal("vm/3-17", Text(entry, "request"));
        Assert.Equal(
            "read of 4096 bytes at 8192 was answered after 12 ms, 0 ms of them before it began, "
                + "and was over after 12 ms",
            Text(entry, "message"));
        Assert.False(entry.TryGetProperty("error", out _));
    }

    [Fact]
    public async Task A_request_that_takes_longer_than_the_limit_is_a_warning()
    {
        await using LogReader log = new();
        new RequestLog(Entries(log), TimeProvider.System, Slow).OnEnded(Requested(milliseconds: 1000));

        JsonElement entry = Assert.Single(await log.EndAsync());
        Assert.Equal(("warning", "vm/3-17"), (Text(entry, "level"), Text(entry, "request")));
    }

    [Fact]
    public async Task A_lost_vote_and_a_failed_child_are_warnings_that_name_the_child()
    {
        await using LogReader log = new();
        RequestReport report = Requested(milliseconds: 1) with
        {
            Children =
            [
                new ChildReport(0, "vm-node1", 1, 1, 0, 0, 0, Reason: null),
                new ChildReport(2, "vm-node3", 0, 0, 1, 0, Errno.TimedOut, "did not answer within 5 s"),
            ],
        };
        new RequestLog(Entries(log), TimeProvider.System, Slow).OnEnded(report);

        JsonElement entry = Assert.Single(await log.EndAsync());
        Assert.Equal("warning", Text(entry, "level"));
        Assert.Equal(Errno.Text(Errno.TimedOut), Text(entry, "error"));
        Assert.EndsWith(
            "; vm-node1 lost the vote, was rewritten with what won; vm-node3 failed: "
                + "Connection timed out (did not answer within 5 s)",
            Text(entry, "message"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_request_is_a_warning_with_its_error()
    {
        await using LogReader log = new();
        RequestReport report = Requested(milliseconds: 1) with
        {
            Errno = Errno.InputOutput, Reason = "too few children answered",
        };
        new RequestLog(Entries(log), TimeProvider.System, Slow).OnEnded(report);

        JsonElement entry = Assert.Single(await log.EndAsync());
        Assert.Equal(("warning", "Input/output error"), (Text(entry, "level"), Text(entry, "error")));
        Assert.StartsWith(
            "read of 4096 bytes at 8192 failed (too few children answered) after",
            Text(entry, "message"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warnings_past_the_pace_are_left_out_and_counted()
    {
        await using LogReader log = new();
        StillTime time = new();
        RequestLog requests = new(
            new RequestEntries(log.Log, "gate", RequestLog.Source, new WarningPace(time)), time, Slow);
        RequestReport failed = Requested(milliseconds: 0) with { Errno = Errno.InputOutput, Reason = "why" };
        for (int count = 0; count < WarningPace.PerSecondMax + 7; count++)
        {
            requests.OnEnded(failed);
        }

        time.Now += TimeSpan.TicksPerSecond;
        requests.OnEnded(failed);

        IReadOnlyList<JsonElement> entries = await log.EndAsync();
        Assert.Equal(WarningPace.PerSecondMax + 2, entries.Count);
        Assert.Equal("7 more warnings about requests were left out", Text(entries[^2], "message"));
    }

    [Fact]
    public async Task A_replica_names_the_same_request_and_says_what_the_disk_took()
    {
        await using LogReader log = new();
        ReplicaLog replicas = new(Entries(log), TimeProvider.System, Slow);
        replicas.OnAnswered(Answered(milliseconds: 1));
        replicas.OnAnswered(Answered(milliseconds: 1500));
        replicas.OnAnswered(Answered(milliseconds: 1) with
        {
            Errno = Errno.InputOutput, Refusal = ReplicaRefusal.DiskError, Reason = "the disk is gone",
        });

        IReadOnlyList<JsonElement> entries = await log.EndAsync();
        Assert.Equal(2, entries.Count);
        Assert.All(entries, static entry => Assert.Equal("vm/3-17", Text(entry, "request")));
        Assert.Equal(
            "write of 4096 bytes at 8192 was done after 1500 ms: it waited 0 ms, the disk took 1500 ms",
            Text(entries[0], "message"));
        Assert.Equal("Input/output error", Text(entries[1], "error"));
        Assert.Contains("the disk is gone", Text(entries[1], "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_owner_asks_outside_of_a_request_has_no_request_id()
    {
        await using LogReader log = new();
        ReplicaReport report = Answered(milliseconds: 1500) with { Id = new RequestId(3, 0) };
        new ReplicaLog(Entries(log), TimeProvider.System, Slow).OnAnswered(report);

        Assert.False(Assert.Single(await log.EndAsync()).TryGetProperty("request", out _));
    }

    private static RequestEntries Entries(LogReader log) =>
        new(log.Log, "gate", RequestLog.Source, new WarningPace(TimeProvider.System));

    private static string? Text(JsonElement entry, string member) => entry.GetProperty(member).GetString();

    private static RequestReport Requested(int milliseconds) =>
        Reports.Requested(RequestKind.Read, answeredAt: Timestamp(milliseconds));

    private static ReplicaReport Answered(int milliseconds) =>
        Reports.Answered(ReplicaOperation.Write, answeredAt: Timestamp(milliseconds));

    private static long Timestamp(int milliseconds) =>
        milliseconds * TimeProvider.System.TimestampFrequency / 1000;

    private sealed class StillTime : TimeProvider
    {
        internal long Now { get; set; } = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }
}
