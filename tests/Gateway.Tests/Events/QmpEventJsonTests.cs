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
}
