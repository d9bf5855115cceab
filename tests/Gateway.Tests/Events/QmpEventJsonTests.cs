using System.Text.Json;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Events;

namespace Replication.Gateway.Tests.Events;

public sealed class QmpEventJsonTests
{
    private static readonly DateTimeOffset At =
        DateTimeOffset.UnixEpoch.AddSeconds(1700000000).AddMicroseconds(42);

    private const string Timestamp = "\"timestamp\":{\"seconds\":1700000000,\"microseconds\":42}";

    private const string Child =
        "\"volume\":\"demo\",\"child\":\"children.1\",\"node-name\":\"demo-node2\"";

    [Fact]
    public void A_lost_vote_is_a_report_without_an_error()
    {
        QuorumReportBad lost = new(At, QuorumOperation.Read, Error: null, "demo-node2", 8, 16);

        Assert.Equal(
            "{\"event\":\"QUORUM_REPORT_BAD\",\"data\":{\"type\":\"read\",\"node-name\":\"demo-node2\","
                + "\"sector-num\":8,\"sectors-count\":16}," + Timestamp + "}",
            QmpEventJson.Line(lost));
    }

    [Fact]
    public void A_failed_request_is_a_report_with_the_text_of_its_error()
    {
        QuorumReportBad failed = new(At, QuorumOperation.Flush, "Input/output error", "demo-node1", 0, 0);

        Assert.Equal(
            "{\"event\":\"QUORUM_REPORT_BAD\",\"data\":{\"type\":\"flush\",\"error\":\"Input/output error\","
                + "\"node-name\":\"demo-node1\",\"sector-num\":0,\"sectors-count\":0}," + Timestamp + "}",
            QmpEventJson.Line(failed));
    }

    [Fact]
    public void A_failed_quorum_names_the_volume_as_its_reference()
    {
        Assert.Equal(
            "{\"event\":\"QUORUM_FAILURE\",\"data\":{\"reference\":\"demo\",\"sector-num\":1,"
                + "\"sectors-count\":2}," + Timestamp + "}",
            QmpEventJson.Line(new QuorumFailure(At, "demo", 1, 2)));
    }

    [Fact]
    public void A_repair_names_the_replica_and_the_range()
    {
        Assert.Equal(
            "{\"event\":\"RANGE_REPAIRED\",\"data\":{\"node-name\":\"demo-node2\",\"sector-num\":1,"
                + "\"sectors-count\":2}," + Timestamp + "}",
            QmpEventJson.Line(new RangeRepaired(At, "demo-node2", 1, 2)));
    }

    [Fact]
    public void A_childs_new_state_is_a_lower_case_word_with_its_reason()
    {
        ChildStateChanged changed = new(
            At, "demo", "children.1", "demo-node2", ChildState.Stale, "it's \"out\"");

        Assert.Equal(
            "{\"event\":\"CHILD_STATE_CHANGE\",\"data\":{\"volume\":\"demo\",\"child\":\"children.1\","
                + "\"node-name\":\"demo-node2\",\"state\":\"stale\",\"reason\":\"it's \\\"out\\\"\"},"
                + Timestamp + "}",
            QmpEventJson.Line(changed));
    }

    [Fact]
    public void A_volumes_new_condition_is_a_lower_case_word_with_its_reason()
    {
        VolumeConditionChanged changed = new(At, "demo", VolumeCondition.Degraded, "one is stale");

        Assert.Equal(
            "{\"event\":\"VOLUME_CONDITION_CHANGE\",\"data\":{\"volume\":\"demo\",\"condition\":\"degraded\","
                + "\"reason\":\"one is stale\"}," + Timestamp + "}",
            QmpEventJson.Line(changed));
    }

    [Theory]
    [InlineData(true, "true")]
    [InlineData(false, "false")]
    public void The_start_of_a_resync_says_whether_everything_is_copied(bool everything, string word)
    {
        Assert.Equal(
            "{\"event\":\"RESYNC_STARTED\",\"data\":{" + Child + ",\"everything\":" + word + "},"
                + Timestamp + "}",
            QmpEventJson.Line(new ResyncStarted(At, "demo", "children.1", "demo-node2", everything)));
    }

    [Fact]
    public void The_progress_of_a_resync_has_what_is_done_and_to_do_the_rate_and_the_time_left()
    {
        ResyncProgressed moved = new(
            At, "demo", "children.1", "demo-node2", new ResyncProgress(1, 2, 3, 4, 5));

        Assert.Equal(
            "{\"event\":\"RESYNC_PROGRESS\",\"data\":{" + Child + ",\"done-bytes\":1,\"to-do-bytes\":2,"
                + "\"copied-bytes\":3,\"bytes-per-second\":4,\"seconds-left\":5}," + Timestamp + "}",
            QmpEventJson.Line(moved));
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("it is out", ",\"error\":\"it is out\"")]
    public void The_end_of_a_resync_has_an_error_only_where_the_child_is_not_in_sync(
        string? error, string member)
    {
        ResyncEnded ended = new(
            At, "demo", "children.1", "demo-node2", new ResyncProgress(1, 0, 1, 0, null), error);

        Assert.Equal(
            "{\"event\":\"RESYNC_ENDED\",\"data\":{" + Child + ",\"done-bytes\":1,\"to-do-bytes\":0,"
                + "\"copied-bytes\":1,\"bytes-per-second\":0" + member + "}," + Timestamp + "}",
            QmpEventJson.Line(ended));
    }

    [Fact]
    public void Lost_unflushed_writes_name_the_volume_and_say_why()
    {
        Assert.Equal(
            "{\"event\":\"UNFLUSHED_WRITES_LOST\",\"data\":{\"volume\":\"demo\","
                + "\"reason\":\"all restarted\"}," + Timestamp + "}",
            QmpEventJson.Line(new UnflushedWritesLost(At, "demo", "all restarted")));
    }

    [Fact]
    public void Bad_blocks_are_a_range_and_whether_it_is_bad_now()
    {
        Assert.Equal(
            "{\"event\":\"BAD_BLOCKS_CHANGE\",\"data\":{\"volume\":\"demo\",\"sector-num\":8,"
                + "\"sectors-count\":16,\"bad\":true}," + Timestamp + "}",
            QmpEventJson.Line(new BadBlocksChanged(At, "demo", 8, 16, Bad: true)));
    }

    [Fact]
    public void A_blkverify_mismatch_names_the_byte_and_both_replicas()
    {
        Assert.Equal(
            "{\"event\":\"BLKVERIFY_MISMATCH\",\"data\":{\"volume\":\"demo\",\"byte-offset\":515,"
                + "\"sector-num\":1,\"sectors-count\":8,\"node-names\":[\"a\",\"b\"]}," + Timestamp + "}",
            QmpEventJson.Line(new BlkverifyMismatch(At, "demo", 515, 1, 8, "a", "b")));
    }

    [Fact]
    public void A_new_volume_is_told_of_with_its_size_threshold_and_where_its_children_are()
    {
        VolumeCreated created = new(
            At,
            "demo",
            4096,
            2,
            [
                new CreatedChild("children.0", "demo-node1", "node1"),
                new CreatedChild("children.1", "b", "node2"),
            ]);

        Assert.Equal(
            "{\"event\":\"VOLUME_CREATED\",\"data\":{\"volume\":\"demo\",\"size\":4096,\"threshold\":2,"
                + "\"children\":[{\"child\":\"children.0\",\"node-name\":\"demo-node1\",\"node\":\"node1\"},"
                + "{\"child\":\"children.1\",\"node-name\":\"b\",\"node\":\"node2\"}]}," + Timestamp + "}",
            QmpEventJson.Line(created));
    }

    [Fact]
    public void A_deleted_volume_names_the_nodes_that_could_not_be_told()
    {
        Assert.Equal(
            "{\"event\":\"VOLUME_DELETED\",\"data\":{\"volume\":\"demo\",\"left-on\":[\"node2\"]},"
                + Timestamp + "}",
            QmpEventJson.Line(new VolumeRemoved(At, "demo", ["node2"])));
    }

    [Fact]
    public void A_reopened_volume_is_named()
    {
        Assert.Equal(
            "{\"event\":\"VOLUME_REOPENED\",\"data\":{\"volume\":\"demo\"}," + Timestamp + "}",
            QmpEventJson.Line(new VolumeReopened(At, "demo")));
    }

    [Fact]
    public void A_child_that_is_added_or_taken_out_has_its_storage_node_besides_its_names()
    {
        Assert.Equal(
            "{\"event\":\"CHILD_ADDED\",\"data\":{" + Child + ",\"node\":\"node2\"}," + Timestamp + "}",
            QmpEventJson.Line(new MemberAdded(At, "demo", "children.1", "demo-node2", "node2")));
        Assert.Equal(
            "{\"event\":\"CHILD_REMOVED\",\"data\":{" + Child + ",\"node\":\"node2\",\"left-on\":[]},"
                + Timestamp + "}",
            QmpEventJson.Line(
                new MemberRemoved(At, "demo", "children.1", "demo-node2", "node2", IsLeft: false)));
        Assert.Contains(
            "\"left-on\":[\"node2\"]",
            QmpEventJson.Line(
                new MemberRemoved(At, "demo", "children.1", "demo-node2", "node2", IsLeft: true)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_event_has_a_name_and_data_of_its_own()
    {
        Type[] kinds = [.. typeof(VolumeEvent).Assembly.GetTypes().Where(
            static type => type.IsSubclassOf(typeof(VolumeEvent)))];

        Assert.All(kinds, static kind => Assert.DoesNotContain(
            "\"data\":{}",
            QmpEventJson.Line((VolumeEvent)Sample(kind)!),
            StringComparison.Ordinal));
    }

    [Fact]
    public void Every_kind_of_event_has_an_example_of_its_members_in_the_document()
    {
        string[] sometimes = ["error", "seconds-left"];
        Dictionary<string, string> documented = Examples().ToDictionary(
            static example => example.GetProperty("event").GetString()!,
            example => Members(example, sometimes),
            StringComparer.Ordinal);
        Dictionary<string, string> real = typeof(VolumeEvent).Assembly.GetTypes()
            .Where(static type => type.IsSubclassOf(typeof(VolumeEvent)))
            .Select(static type => QmpEventJson.Line((VolumeEvent)Sample(type)!))
            .Select(static line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(
                static line => line.GetProperty("event").GetString()!,
                line => Members(line, sometimes),
                StringComparer.Ordinal);
        real.Add("BLOCK_EXPORT_DELETED", "id");

        Assert.Equal(real.Keys.Order(), documented.Keys.Order());
        Assert.All(real, one => Assert.Equal(one.Value, documented[one.Key]));
    }

    /// <summary>The events that docs/qmp.md shows.</summary>
    private static IEnumerable<JsonElement> Examples()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Replication.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        string text = File.ReadAllText(Path.Combine(folder, "docs", "qmp.md"));
        string events = text[text.IndexOf("## Events", StringComparison.Ordinal)..];
        string fence = events.Split("```")[1].Replace("\n  ", " ", StringComparison.Ordinal);
        foreach (string line in fence.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return JsonDocument.Parse(line).RootElement;
        }
    }

    private static string Members(JsonElement line, string[] leftOut) => string.Join(
        ", ",
        line.GetProperty("data").EnumerateObject().Select(static member => member.Name).Except(leftOut));

    /// <summary>Any value of a type: what a record's constructor asks for is made the same way.</summary>
    private static object? Sample(Type type)
    {
        if (type == typeof(string))
        {
            return "x";
        }

        if (type.IsInterface)
        {
            // A list of something, empty.
            return Array.CreateInstance(type.GetGenericArguments()[0], 0);
        }

        return type.IsValueType
            ? Activator.CreateInstance(type)
            : type.GetConstructors()[0].Invoke(
                [.. type.GetConstructors()[0].GetParameters().Select(
                    static parameter => Sample(parameter.ParameterType))]);
    }
}
