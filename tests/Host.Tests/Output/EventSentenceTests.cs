using Replication.Host.Output;

namespace Replication.Host.Tests.Output;

public sealed class EventSentenceTests
{
    [Theory]
    [InlineData(
        "QUORUM_REPORT_BAD",
        "{'type':'read','node-name':'demo-node2','sector-num':8,'sectors-count':2048}",
        "demo-node2 lost a vote: its data differs in a read of 1MiB at 4KiB")]
    [InlineData(
        "QUORUM_REPORT_BAD",
        "{'type':'write','error':'No space left on device','node-name':'n','sector-num':0,'sectors-count':1}",
        "n failed a write of 512 bytes at 0: No space left on device")]
    [InlineData(
        "QUORUM_REPORT_BAD",
        "{'type':'flush','error':'Input/output error','node-name':'n','sector-num':0,'sectors-count':0}",
        "n failed a flush: Input/output error")]
    [InlineData(
        "QUORUM_FAILURE",
        "{'reference':'demo','sector-num':0,'sectors-count':8}",
        "demo: no quorum for 4KiB at 0, the request failed")]
    [InlineData(
        "RANGE_REPAIRED",
        "{'node-name':'demo-node2','sector-num':0,'sectors-count':8}",
        "demo-node2 was rewritten with what won the vote: 4KiB at 0")]
    [InlineData(
        "CHILD_STATE_CHANGE",
        "{'child':'children.1','node-name':'demo-node2','state':'stale','reason':'it timed out'}",
        "demo-node2 (children.1) is now stale: it timed out")]
    [InlineData(
        "VOLUME_CONDITION_CHANGE",
        "{'volume':'demo','condition':'degraded','reason':'demo-node2 is stale'}",
        "demo is now degraded: demo-node2 is stale")]
    [InlineData(
        "RESYNC_STARTED",
        "{'node-name':'demo-node2','everything':false}",
        "demo-node2 is being resynced: what it missed is copied to it")]
    [InlineData(
        "RESYNC_STARTED",
        "{'node-name':'demo-node2','everything':true}",
        "demo-node2 is being resynced from the start: all that was ever written is compared, "
            + "what differs is copied")]
    [InlineData(
        "RESYNC_PROGRESS",
        "{'node-name':'n','done-bytes':1572864,'to-do-bytes':1024,"
            + "'bytes-per-second':1048576,'seconds-left':7325}",
        "n is being resynced: 1.5MiB done, 1KiB to do, 1MiB/s, 2 h 2 min left")]
    [InlineData(
        "RESYNC_ENDED", "{'node-name':'n','copied-bytes':65536}", "n is in sync: 64KiB of it were written")]
    [InlineData(
        "RESYNC_ENDED",
        "{'node-name':'n','copied-bytes':0,'error':'it is out'}",
        "n is not in sync, its resync ended after 0 bytes: it is out")]
    [InlineData(
        "UNFLUSHED_WRITES_LOST",
        "{'volume':'demo','reason':'all of them restarted'}",
        "demo may have lost writes that no flush followed: all of them restarted")]
    [InlineData(
        "BAD_BLOCKS_CHANGE",
        "{'volume':'demo','sector-num':8,'sectors-count':8,'bad':true}",
        "demo: no version of 4KiB at 4KiB won, reads of it fail until it is written")]
    [InlineData(
        "BAD_BLOCKS_CHANGE",
        "{'volume':'demo','sector-num':8,'sectors-count':8,'bad':false}",
        "demo: 4KiB at 4KiB can be read again")]
    [InlineData("BLKVERIFY_MISMATCH",
        "{'volume':'v','byte-offset':7,'node-names':['a','b']}", "v has stopped: a and b differ at byte 7")]
    public void An_event_is_its_time_and_a_sentence(string name, string data, string sentence)
    {
        string json = $"{{'event':'{name}','data':{data},'timestamp':{{'seconds':1,'microseconds':2000}}}}";

        Assert.Equal($"1970-01-01 00:00:01.002Z  {sentence}", EventSentence.Line(json.Replace('\'', '"')));
    }

    [Theory]
    [InlineData(
        "VOLUME_CREATED",
        "{'volume':'v','size':1048576,'threshold':2,'children':[{'node':'a'},{'node':'b'}]}",
        "v was made: 1MiB on a, b, threshold 2")]
    [InlineData("VOLUME_DELETED", "{'volume':'v','left-on':[]}", "v was deleted")]
    [InlineData(
        "VOLUME_DELETED",
        "{'volume':'v','left-on':['b']}",
        "v was deleted; b could not be told: its files stay there until the gateway is started again")]
    [InlineData("VOLUME_REOPENED", "{'volume':'v'}", "v was started again after its stop by blkverify")]
    [InlineData(
        "CHILD_ADDED",
        "{'volume':'v','child':'children.2','node-name':'v-c','node':'c'}",
        "v-c (children.2) was added to v")]
    [InlineData(
        "CHILD_REMOVED",
        "{'volume':'v','child':'children.2','node-name':'v-c','node':'c','left-on':[]}",
        "v-c (children.2) was taken out of v")]
    public void What_an_administrator_did_is_a_sentence(string name, string data, string sentence) =>
        An_event_is_its_time_and_a_sentence(name, data, sentence);

    [Theory]
    [InlineData("BLOCK_JOB_READY", "{'device':'j'}", "block job ready: device j")]
    [InlineData(
        "CHILD_MOVED",
        "{'volume':'v','slots':[1,2],'done':true}",
        "child moved: volume v, slots [1,2], done True")]
    public void An_event_that_nobody_knows_is_said_by_its_name_and_members(
        string name, string data, string sentence) =>
        An_event_is_its_time_and_a_sentence(name, data, sentence);

    [Fact]
    public void A_resync_of_which_nothing_is_known_has_no_figures() => An_event_is_its_time_and_a_sentence(
        "RESYNC_PROGRESS",
        "{'node-name':'v-n','done-bytes':0,'to-do-bytes':0}",
        "v-n is being resynced: what it needs is being found out");

    [Fact]
    public void An_event_without_data_or_time_is_shown_by_its_name()
    {
        Assert.Equal("-  shutdown", EventSentence.Line("{\"event\":\"SHUTDOWN\"}"));
    }
}
