using System.Text.Json;
using System.Text.Json.Nodes;
using Replication.Host.Output;

namespace Replication.Host.Tests.Output;

public sealed class VolumeSentencesTests
{
    private const string Noon = "2026-11-20T12:00:00.000000Z";

    [Fact]
    public void A_healthy_volume_takes_two_sentences_with_its_durability()
    {
        Assert.Equal(
            [
                "demo is healthy.",
                "demo has 1GiB on 3 children; 2 equal votes win a read; "
                    + "writes survive the loss of power once they are flushed.",
            ],
            Sentences(Volume()));
    }

    [Theory]
    [InlineData("durability", "'write'", "once they are answered.")]
    [InlineData("read-pattern", "'fifo'", "the first that can answers a read;")]
    [InlineData("blkverify", "true", "a read on which they differ stops it;")]
    [InlineData("vote-threshold", "1", "1 vote wins a read;")]
    [InlineData("size", "1048577", "1048577 bytes on 3 children;")]
    public void What_is_special_about_a_volume_is_in_its_second_sentence(
        string member, string value, string part)
    {
        Assert.Contains(part, Sentences(With(Volume(), member, value))[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("opening", "demo is opening since NOON: why. Requests wait for its children.")]
    [InlineData("degraded", "demo is degraded since NOON: why. It serves all requests.")]
    [InlineData(
        "suspended",
        "demo is suspended since NOON: why. Until that is over requests fail, the first of them "
            + "after child-timeout; it goes on by itself.")]
    [InlineData(
        "failed", "demo has failed since NOON: why. Nothing is served until the gateway is restarted.")]
    [InlineData(
        "stopped",
        "demo is stopped since NOON: why. Find out which replica is right; then "
            + "'replication volume reopen demo' starts it again. "
            + "A read stops it again where the replicas still differ: write that range anew by NBD, with the "
            + "data that is right, before it is read.")]
    [InlineData("odd", "demo is odd since NOON: why.")]
    public void A_condition_is_said_with_its_time_its_reason_and_what_becomes_of_it(
        string condition, string sentence)
    {
        JsonObject volume = With(Volume(), "condition", $"'{condition}'");
        volume["since"] = Noon;
        volume["reason"] = "why";

        Assert.Equal(sentence.Replace("NOON", Noon, StringComparison.Ordinal), Sentences(volume)[0]);
    }

    [Theory]
    [InlineData("healthy", "4096", "demo is healthy, but 1 block of it cannot be read.")]
    [InlineData("healthy", "65536", "demo is healthy, but 16 blocks of it cannot be read.")]
    [InlineData("degraded", "65536", "demo is degraded. It serves all requests but reads of 16 blocks.")]
    public void The_condition_does_not_hide_bad_blocks(string condition, string badBytes, string sentence)
    {
        JsonObject volume = With(Volume(), "condition", $"'{condition}'");

        Assert.Equal(sentence, Sentences(With(volume, "bad-bytes", badBytes))[0]);
    }

    [Theory]
    [InlineData(3, 1, "demo has 3 children and a threshold of 1: a single replica that lies can win a vote.")]
    [InlineData(4, 2, "demo has 4 children and a threshold of 2: 2 replicas that lie alike can win a vote.")]
    [InlineData(5, 2, "demo has 5 children and a threshold of 2: 2 replicas that lie alike can win a vote.")]
    public void Half_of_the_children_that_win_a_vote_are_warned_of(
        int children, int threshold, string sentence)
    {
        Assert.Contains(sentence, Sentences(Voted(children, threshold)));
    }

    [Theory]
    [InlineData(1, 1, "quorum", false)]
    [InlineData(3, 2, "quorum", false)]
    [InlineData(4, 3, "quorum", false)]
    [InlineData(4, 2, "fifo", false)]
    [InlineData(2, 1, "quorum", true)]
    public void Where_no_tie_can_be_voted_nobody_is_warned(
        int children, int threshold, string readPattern, bool isBlkverify)
    {
        JsonObject volume = With(Voted(children, threshold), "read-pattern", $"'{readPattern}'");
        volume["blkverify"] = isBlkverify;

        Assert.DoesNotContain(
            Sentences(volume), static text => text.Contains("can win a vote", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(
        "bad-bytes", "4096",
        "No version of 1 block of 4KiB of demo won: reads of it fail until it is written as a whole.")]
    [InlineData(
        "bad-bytes", "12288",
        "No version of 3 blocks of 4KiB of demo won: reads of them fail until they are written as a whole.")]
    [InlineData(
        "unreconciled-bytes", "65536",
        "64KiB of demo are being made equal on all children: reads of them wait for that.")]
    [InlineData("exports", "[]", "demo is not exported: no NBD client can attach to it.")]
    public void What_stands_in_a_clients_way_is_a_sentence(string member, string value, string sentence)
    {
        Assert.Equal(sentence, Sentences(With(Volume(), member, value))[2]);
    }

    [Theory]
    [InlineData("1", "1 read")]
    [InlineData("2", "2 reads")]
    public void Reads_that_found_no_winner_are_a_sentence_with_the_last_of_them(string count, string reads)
    {
        JsonObject volume = With(Volume(), "reads-without-winner", count);
        With(volume, "last-read-without-winner", "{'at':'NOON','offset':4096,'length':8192}");

        Assert.Equal(
            $"{reads} of demo found no version that enough replicas agree on, the last at NOON: "
                + "8KiB at 4KiB. What is written anew can be read again.",
            Sentences(volume)[2]);
        With(volume, "reads-without-winner", "0");
        Assert.DoesNotContain("no version", string.Concat(Sentences(volume)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "'state':'stale','link':'out','since':'NOON','reason':'it missed a write'",
        "demo-node2 (children.1) is stale since NOON: it missed a write. "
            + "It does not vote; it is tried again and again, and resynced once it can be reached.")]
    [InlineData(
        "'state':'stale','link':'open','since':'NOON','reason':'the connection was lost'",
        "demo-node2 (children.1) is stale since NOON: the connection was lost. "
            + "It can be reached, and its resync is about to begin; it votes after that.")]
    [InlineData(
        "'state':'lapsed','link':'closed'",
        "demo-node2 (children.1) is lapsed. "
            + "It does not vote; it is tried again and again, and resynced once it can be reached.")]
    [InlineData(
        "'link':'out','reason':'the connection was lost'",
        "demo-node2 (children.1) cannot be reached: the connection was lost. It is tried again and again.")]
    [InlineData(
        "'votes-lost':3,'repairs':1,'last-lost-vote':'NOON'",
        "demo-node2 (children.1) lost 3 votes, the last at NOON: its data differed from what won; "
            + "1 range of it rewritten.")]
    [InlineData(
        "'read-errors':0,'write-errors':1,'flush-errors':2",
        "demo-node2 (children.1) failed 0 reads, 1 write and 2 flushes.")]
    public void What_is_wrong_with_a_child_is_said_with_what_is_done_about_it(
        string members, string sentence)
    {
        JsonObject volume = Volume();
        Set(volume, 1, members);

        Assert.Equal(
            [sentence.Replace("NOON", Noon, StringComparison.Ordinal)], Sentences(volume).Skip(2));
    }

    [Fact]
    public void A_resync_is_a_sentence_with_what_is_done_and_to_do_the_rate_and_the_time_left()
    {
        JsonObject volume = Volume();
        Set(
            volume,
            0,
            "'state':'stale','resync':{'done-bytes':67108864,'to-do-bytes':201326592,'copied-bytes':65536,"
                + "'bytes-per-second':33554432,'seconds-left':66}");

        Assert.Equal(
            [
                "demo-node1 (children.0) is stale. It can be reached, and votes once it is resynced.",
                "demo-node1 (children.0) is being resynced: 64MiB done, 192MiB to do, 32MiB/s, "
                    + "1 min 6 s left.",
            ],
            Sentences(volume).Skip(2));
    }

    [Fact]
    public void A_lost_vote_is_not_said_to_be_repaired_where_nothing_is()
    {
        JsonObject volume = With(Volume(), "rewrite-corrupted", "false");
        Set(volume, 0, $"'votes-lost':1,'last-lost-vote':'{Noon}'");

        Assert.EndsWith(
            "; it is left as it is, since rewrite-corrupted is off.",
            Sentences(volume)[2],
            StringComparison.Ordinal);
    }

    internal static JsonObject Volume()
    {
        JsonArray children = [];
        for (int number = 0; number < 3; number++)
        {
            children.Add(Parse(
                $"{{'name':'children.{number}','node':'node{number + 1}','node-name':'demo-node{number + 1}',"
                    + "'state':'synced','link':'open','votes-lost':0,'repairs':0,'read-errors':0,"
                    + "'write-errors':0,'flush-errors':0}"));
        }

        JsonObject volume = (JsonObject)Parse(
            "{'name':'demo','size':1073741824,'vote-threshold':2,'read-pattern':'quorum',"
                + "'rewrite-corrupted':true,'blkverify':false,'durability':'flush','condition':'healthy',"
                + "'unreconciled-bytes':0,'bad-bytes':0,'exports':[{'id':'demo','name':'demo'}]}");
        volume["children"] = children;
        return volume;
    }

    /// <summary>Gives a child these members, in place of those that it has.</summary>
    internal static void Set(JsonObject volume, int child, string members)
    {
        JsonObject into = (JsonObject)volume["children"]![child]!;
        foreach ((string name, JsonNode? value) in (JsonObject)Parse($"{{{members}}}"
            .Replace("NOON", Noon, StringComparison.Ordinal)))
        {
            into[name] = value?.DeepClone();
        }
    }

    private static JsonObject Voted(int children, int threshold)
    {
        JsonObject volume = With(Volume(), "vote-threshold", $"{threshold}");
        JsonArray list = (JsonArray)volume["children"]!;
        while (list.Count > children)
        {
            list.RemoveAt(list.Count - 1);
        }

        while (list.Count < children)
        {
            list.Add(list[0]!.DeepClone());
        }

        return volume;
    }

    internal static JsonObject With(JsonObject volume, string member, string value)
    {
        volume[member] = Parse(value);
        return volume;
    }

    private static JsonNode Parse(string json) => JsonNode.Parse(json.Replace('\'', '"'))!;

    private static List<string> Sentences(JsonObject volume)
    {
        using JsonDocument document = JsonDocument.Parse(volume.ToJsonString());
        return [.. VolumeSentences.Of(document.RootElement).Select(static sentence => sentence.Text)];
    }
}
