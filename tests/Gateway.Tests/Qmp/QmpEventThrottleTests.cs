using System.Text.Json;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;

namespace Replication.Gateway.Tests.Qmp;

/// <summary>
/// One event a second of each kind that QEMU throttles and each node, as the rate limit of its iotest 148 has
/// it.
/// </summary>
public sealed class QmpEventThrottleTests : IAsyncLifetime
{
    private static readonly TimeSpan ALittle = TimeSpan.FromMicroseconds(1);
    private static readonly TimeSpan JustUnderASecond = TimeSpan.FromSeconds(1) - ALittle;

    private readonly QmpFixture _qmp = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _qmp.DisposeAsync().AsTask();

    [Fact]
    public void The_first_report_is_sent_at_once_and_the_newest_of_the_rest_when_the_second_is_over()
    {
        using RawQmpClient client = _qmp.Negotiated();

        ReportBad("c0", 1);
        ReportBad("c0", 2);
        ReportBad("c0", 3);
        Assert.Equal(["c0 1"], Received(client));

        _qmp.Time.Advance(JustUnderASecond);
        Assert.Empty(Received(client));

        _qmp.Time.Advance(ALittle);
        Assert.Equal(["c0 3"], Received(client));
    }

    [Fact]
    public void What_was_held_back_opens_another_second_when_it_is_sent()
    {
        using RawQmpClient client = _qmp.Negotiated();
        ReportBad("c0", 1);
        ReportBad("c0", 2);
        Received(client);
        _qmp.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["c0 2"], Received(client));

        ReportBad("c0", 3);
        _qmp.Time.Advance(JustUnderASecond);
        Assert.Empty(Received(client));

        _qmp.Time.Advance(ALittle);
        Assert.Equal(["c0 3"], Received(client));
    }

    [Fact]
    public void After_a_second_in_which_nothing_was_held_back_a_report_is_sent_at_once()
    {
        using RawQmpClient client = _qmp.Negotiated();
        ReportBad("c0", 1);
        Received(client);
        _qmp.Time.Advance(TimeSpan.FromSeconds(1));

        ReportBad("c0", 2);

        Assert.Equal(["c0 2"], Received(client));
    }

    [Fact]
    public void A_node_does_not_hold_back_what_is_reported_of_another()
    {
        using RawQmpClient client = _qmp.Negotiated();

        ReportBad("c0", 1);
        ReportBad("c1", 2);
        ReportBad("c0", 3);

        Assert.Equal(["c0 1", "c1 2"], Received(client));
    }

    [Fact]
    public void A_volume_that_fails_does_not_hold_back_what_is_reported_of_another()
    {
        using RawQmpClient client = _qmp.Negotiated();

        Fail("q0", 1);
        Fail("q1", 2);
        Fail("q0", 3);
        Assert.Equal(["q0 1", "q1 2"], Received(client));

        _qmp.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["q0 3"], Received(client));
    }

    [Fact]
    public void A_report_and_a_failure_of_nodes_of_one_name_do_not_hold_each_other_back()
    {
        using RawQmpClient client = _qmp.Negotiated();

        ReportBad("x", 1);
        Fail("x", 2);

        Assert.Equal(["x 1", "x 2"], Received(client));
    }

    [Fact]
    public void Events_that_QEMU_does_not_throttle_are_all_sent()
    {
        using RawQmpClient client = _qmp.Negotiated();

        for (int sector = 1; sector <= 3; sector++)
        {
            _qmp.Events.Append(new RangeRepaired(DateTimeOffset.UnixEpoch, "c0", sector, 1));
        }

        Assert.Equal(["c0 1", "c0 2", "c0 3"], Received(client));
    }

    [Fact]
    public void Every_client_gets_the_same_also_one_that_came_within_the_second()
    {
        using RawQmpClient first = _qmp.Negotiated();
        ReportBad("c0", 1);
        Assert.Equal(["c0 1"], Received(first));
        using RawQmpClient second = _qmp.Negotiated();

        ReportBad("c0", 2);
        Assert.Empty(Received(first));
        Assert.Empty(ReceivedToMark(second));

        _qmp.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["c0 2"], Received(first));
        Assert.Equal(["c0 2"], ReceivedToMark(second));
    }

    [Fact]
    public void The_events_that_are_kept_are_not_throttled()
    {
        using RawQmpClient client = _qmp.Negotiated();
        ReportBad("c0", 1);
        ReportBad("c0", 2);
        ReportBad("c0", 3);
        Received(client);

        using JsonDocument kept = JsonDocument.Parse(client.Ask("""{"execute":"query-events"}"""));

        Assert.Equal(
            ["c0 1", "c0 2", "c0 3"],
            kept.RootElement.GetProperty("return").EnumerateArray().Where(IsThrottled).Select(Name));
    }

    private void ReportBad(string nodeName, long sector) => _qmp.Events.Append(new QuorumReportBad(
        DateTimeOffset.UnixEpoch, QuorumOperation.Read, Error: null, nodeName, sector, 1));

    private void Fail(string volume, long sector) =>
        _qmp.Events.Append(new QuorumFailure(DateTimeOffset.UnixEpoch, volume, sector, 1));

    /// <summary>
    /// What has come to a client until now: a mark is sent behind it, which nothing holds back.
    /// </summary>
    private List<string> Received(RawQmpClient client)
    {
        _qmp.Events.Append(new VolumeConditionChanged(
            DateTimeOffset.UnixEpoch, "mark", VolumeCondition.Healthy, "mark"));
        return ReceivedToMark(client);
    }

    private static List<string> ReceivedToMark(RawQmpClient client)
    {
        List<string> names = [];
        while (true)
        {
            using JsonDocument happened = JsonDocument.Parse(client.ReadLine()!);
            if (happened.RootElement.GetProperty("event").GetString() == "VOLUME_CONDITION_CHANGE")
            {
                return names;
            }

            names.Add(Name(happened.RootElement));
        }
    }

    private static bool IsThrottled(JsonElement happened) =>
        happened.GetProperty("event").GetString() == "QUORUM_REPORT_BAD";

    private static string Name(JsonElement happened)
    {
        JsonElement data = happened.GetProperty("data");
        JsonElement node = data.TryGetProperty("reference", out JsonElement volume)
            ? volume
            : data.GetProperty("node-name");
        return $"{node.GetString()} {data.GetProperty("sector-num").GetInt64()}";
    }
}
