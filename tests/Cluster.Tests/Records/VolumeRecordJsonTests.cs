using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Replication.Cluster.Records;
using Replication.Messages.Digests;
using static Replication.Cluster.Records.ChildState;
using static Replication.Cluster.Tests.Records.RecordSamples;

namespace Replication.Cluster.Tests.Records;

/// <summary>The record's JSON, which outlives every version of the program.</summary>
public sealed class VolumeRecordJsonTests
{
    private static readonly VolumeRecord Sample = Volume(2, Synced, Synced, Stale) with
    {
        BadBlocks = [0, 7, 255],
        Options = new VolumeOptions
        {
            Threshold = 2,
            ReadPattern = ReadPattern.Fifo,
            RewriteCorrupted = true,
            Digest = DigestKind.Sha256,
            Durability = Durability.Write,
            OnCacheLoss = CacheLossPolicy.Refuse,
        },
        Exports =
        [
            VolumeExport.OwnOf("vm-1"), new VolumeExport("Copy", "vm é", Writable: false, "\"old\""),
        ],
    };

    /// <summary>What a program wrote before exports were recorded.</summary>
    private const string FirstFormat =
        """
        {"format":1,"name":"vm-1","id":"000003e8-0000-0000-0000-000000000001","serial":5,"size-bytes":1048576,
        "options":{"threshold":1,"read-pattern":"fifo","rewrite-corrupted":true,"blkverify":false,
        "digest":"sha256","durability":"write","on-cache-loss":"refuse"},"epoch":3,"owner":"gateway1",
        "children":[
        {"name":"children.0","node":"node0","replica-id":"00000001-0000-0000-0000-000000000001",
        "state":"synced"}
        ],"next-child-index":3,"bad-blocks":[0,7,255],"stopped":false}
        """;

    [Fact]
    public void The_format_is_as_it_was_first_written() => Assert.Equal(
        """
        {"format":2,"name":"vm-1","id":"000003e8-0000-0000-0000-000000000001","serial":5,"size-bytes":1048576,
        "options":{"threshold":2,"read-pattern":"fifo","rewrite-corrupted":true,"blkverify":false,
        "digest":"sha256","durability":"write","on-cache-loss":"refuse"},"epoch":3,"owner":"gateway1",
        "children":[
        {"name":"children.0","node":"node0","replica-id":"00000001-0000-0000-0000-000000000001",
        "state":"synced"},
        {"name":"children.1","node":"node1","replica-id":"00000002-0000-0000-0000-000000000001",
        "state":"synced","node-name":"r1"},
        {"name":"children.2","node":"node2","replica-id":"00000003-0000-0000-0000-000000000001",
        "state":"stale"}
        ],"next-child-index":3,"bad-blocks":[0,7,255],"stopped":false,"exports":[
        {"id":"vm-1","name":"vm-1","writable":true,"description":""},
        {"id":"Copy","name":"vm é","writable":false,"description":"\"old\""}]}
        """.Replace("\n", "", StringComparison.Ordinal),
        Encoding.UTF8.GetString(VolumeRecordJson.Encode(Sample with
        {
            Children = Sample.Children.SetItem(1, Sample.Children[1] with { GivenNodeName = "r1" }),
        })));

    [Fact]
    public void A_record_of_the_first_format_is_a_volume_exported_under_its_own_name()
    {
        byte[] json = Encoding.UTF8.GetBytes(FirstFormat);
        Assert.True(VolumeRecordJson.TryParse(json, out VolumeRecord? read, out string? error), error);
        Assert.Equal(VolumeExport.OwnOf("vm-1"), read.Exports.Single());
        Assert.Equal("vm-1-node0", read.Children.Single().NodeNameIn(read.Name));
        Assert.True(VolumeRecordJson.TryParse(VolumeRecordJson.Encode(read), out VolumeRecord? again, out _));
        Assert.Equal(read, again);
    }

    [Fact]
    public void A_record_of_the_first_format_with_exports_is_none()
    {
        JsonObject root = JsonNode.Parse(FirstFormat)!.AsObject();
        root["exports"] = new JsonArray();
        Assert.False(VolumeRecordJson.TryParse(Bytes(root), out _, out string? error));
        Assert.Equal("exports: format 1 has none", error);
    }

    [Fact]
    public void Any_record_is_read_back_as_it_was_written() =>
        Prop.ForAll(Records().ToArbitrary(), static record =>
            VolumeRecordJson.TryParse(VolumeRecordJson.Encode(record), out VolumeRecord? read, out _)
            && read == record).QuickCheckThrowOnFailure();

    [Fact]
    public void The_largest_record_fits_its_bound()
    {
        byte[] json = VolumeRecordJson.Encode(Largest());
        Assert.InRange(json.Length, 60_000, RecordLimits.EncodedLengthMaxBytes);
        Assert.True(VolumeRecordJson.TryParse(json, out VolumeRecord? read, out string? error), error);
        Assert.Equal(Largest(), read);
    }

    [Fact]
    public void Every_field_is_asked_for_by_its_name()
    {
        foreach (string path in Paths(Document(), ""))
        {
            // No owner and an owner that is null are the same.
            if (path != "owner")
            {
                AssertError($"{path}: is missing", root => Parent(root, path).Remove(path.Split('.')[^1]));
            }
        }
    }

    [Fact]
    public void A_volume_without_an_owner_is_one() =>
        Assert.True(VolumeRecordJson.TryParse(Bytes(With(root => root["owner"] = null)), out _, out _));

    public static TheoryData<string, string, string> BadValues => new()
    {
        { "format", "3", "format: is 3, this program reads 1 to 2" },
        { "format", "0", "format: is 0, this program reads 1 to 2" },
        { "name", "\"Vm\"", "name: a name starts with a-z or 0-9, 'Vm' does not" },
        { "name", "\"\"", "name: a name has at least one character" },
        { "name", "\"a/b\"", "name: a name has only" },
        { "id", "\"00000000-0000-0000-0000-000000000000\"", "id: is all zeroes" },
        { "id", "\"x\"", "$.id: " },
        { "serial", "0", "serial: is 0, the first is 1" },
        { "serial", "1.5", "$.serial: " },
        { "size-bytes", "0", "size-bytes: is 0, a volume has 1 to 70368744177664" },
        { "size-bytes", "70368744177665", "size-bytes: is 70368744177665" },
        { "options.threshold", "0", "options.threshold: is 0, with 3 children it is 1 to 3" },
        { "options.threshold", "4", "options.threshold: is 4" },
        { "options.read-pattern", "\"Fifo\"", "options.read-pattern: is 'Fifo', one of quorum, fifo is" },
        { "options.blkverify", "true", "options.blkverify: needs exactly two children and threshold 2" },
        { "options.blkverify", "1", "$.options.blkverify: " },
        { "options.digest", "\"md5\"", "options.digest: is 'md5', one of xxh128, sha256 is expected" },
        { "options.durability", "\"\"", "options.durability: is '', one of flush, write is expected" },
        { "options.on-cache-loss", "\"stop\"", "options.on-cache-loss: is 'stop', one of continue" },
        { "epoch", "16777215", "epoch: is 16777215, the highest is 16777214" },
        { "epoch", "-1", "$.epoch: " },
        { "epoch", "0", "owner: is set, though epoch 0 has none" },
        { "owner", "\"a b\"", "owner: an owner's name is printable ASCII" },
        { "children", "[]", "options.threshold: is 2, with 0 children" },
        { "children", "[null]", "children[0]: is missing" },
        { "next-child-index", "2", "children[2].name: is children.2, the next name to be given" },
        { "bad-blocks", "[256]", "bad-blocks[0]: is 256, the volume has 256 blocks" },
        { "bad-blocks", "[-1]", "bad-blocks[0]: is -1" },
        { "bad-blocks", "[3,3]", "bad-blocks[1]: is 3 after 3, they rise" },
        { "stopped", "\"no\"", "$.stopped: " },
        { "exports", "[null]", "exports[0]: is missing" },
        { "exports", "{}", "$.exports: " },
        { "extra", "1", "$.extra: " },
    };

    [Theory]
    [MemberData(nameof(BadValues))]
    public void A_bad_value_is_refused_by_its_field(string path, string value, string error) =>
        AssertError(error, root => Parent(root, path)[path.Split('.')[^1]] = JsonNode.Parse(value));

    [Theory]
    [InlineData("name", "\"children.1\"", "children[2].name: children.1 is there twice")]
    [InlineData("name", "\"children.01\"", "children[2].name: is 'children.01', a child's name is")]
    [InlineData("name", "\"children.-1\"", "children[2].name: is 'children.-1'")]
    [InlineData("name", "\"children.\"", "children[2].name: is 'children.'")]
    [InlineData("name", "\"child.2\"", "children[2].name: is 'child.2'")]
    [InlineData("node", "\"node0\"", "vm-1 has a replica on node0 already")]
    [InlineData("node", "\"..\"", "children[2].node: a name starts with")]
    [InlineData("state", "\"resyncing\"", "children[2].state: is 'resyncing', one of synced, stale")]
    [InlineData("replica-id", "\"00000001-0000-0000-0000-000000000001\"", "children[2].replica-id: 00")]
    public void A_bad_child_is_refused_by_its_place_and_field(string field, string value, string error) =>
        AssertError(error, root => root["children"]![2]![field] = JsonNode.Parse(value));

    [Theory]
    [InlineData("node-name", "\"\"", "children[2].node-name: a node-name has 1 to 64 characters")]
    [InlineData("node-name", "\"_x\"", "children[2].node-name: a node-name starts with a letter or a digit")]
    [InlineData("node-name", "\"a b\"", "children[2].node-name: a node-name has only letters")]
    [InlineData("node-name", "\"vm-1-node0\"", "children[2].node-name: vm-1-node0 is another child's")]
    public void A_bad_node_name_is_refused_by_its_place(string field, string value, string error) =>
        AssertError(error, root => root["children"]![2]![field] = JsonNode.Parse(value));

    [Theory]
    [InlineData("id", "null", "exports[1].id: is missing")]
    [InlineData("id", "\"a/b\"", "exports[1].id: an export's id has only letters")]
    [InlineData("id", "\"vm-1\"", "exports[1].id: vm-1 is there twice")]
    [InlineData("name", "null", "exports[1].name: is missing")]
    [InlineData("name", "\"\"", "exports[1].name: an export's name has 1 to 2048 bytes of UTF-8, this")]
    [InlineData("name", "\"vm-1\"", "exports[1].name: vm-1 is there twice")]
    [InlineData("writable", "null", "exports[1].writable: is missing")]
    [InlineData("description", "null", "exports[1].description: is missing")]
    public void A_bad_export_is_refused_by_its_place_and_field(string field, string value, string error) =>
        AssertError(error, root => root["exports"]![1]![field] = JsonNode.Parse(value));

    [Fact]
    public void More_than_the_list_of_bad_blocks_holds_is_refused()
    {
        int tooMany = RecordLimits.BadBlocksMax + 1;
        AssertError($"bad-blocks: are {tooMany}, at most 4096 are kept", root =>
        {
            root["size-bytes"] = 1 << 30;
            root["bad-blocks"] = JsonNode.Parse($"[{string.Join(',', Enumerable.Range(0, tooMany))}]");
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"format\":1,\"format\":1}")]
    public void What_is_no_record_at_all_is_refused(string json)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        Assert.False(VolumeRecordJson.TryParse(bytes, out VolumeRecord? record, out string? error));
        Assert.Null(record);
        Assert.NotEmpty(error);
    }

    [Fact]
    public void More_bytes_than_a_record_has_are_not_even_read()
    {
        var json = new byte[RecordLimits.EncodedLengthMaxBytes + 1];
        Assert.False(VolumeRecordJson.TryParse(json, out _, out string? error));
        Assert.Equal("a record has at most 61440 bytes, this one has 61441", error);
    }

    [Fact]
    public void Any_damaged_byte_is_read_as_a_valid_record_or_refused_never_thrown_at_the_caller()
    {
        byte[] json = VolumeRecordJson.Encode(Sample);
        for (int position = 0; position < json.Length; position++)
        {
            foreach (byte replacement in "\0\"{9zé"u8)
            {
                byte[] damaged = [.. json];
                damaged[position] = replacement;
                bool read = VolumeRecordJson.TryParse(damaged, out VolumeRecord? record, out string? error);
                Assert.Equal(read, record is not null && VolumeRecordRules.FirstError(record) is null);
                Assert.Equal(read, error is null);
            }
        }
    }

    [Fact]
    public void A_record_that_breaks_its_rules_is_never_written()
    {
        var exception = Assert.Throws<InvalidOperationException>(
            () => VolumeRecordJson.Encode(Sample with { Epoch = 1u << 24 }));
        Assert.Contains("epoch: is 16777216", exception.Message, StringComparison.Ordinal);
    }

    private static void AssertError(string expected, Action<JsonObject> change)
    {
        Assert.False(VolumeRecordJson.TryParse(Bytes(With(change)), out _, out string? error));
        Assert.StartsWith(expected, error, StringComparison.Ordinal);
    }

    private static JsonObject Document() => JsonNode.Parse(VolumeRecordJson.Encode(Sample))!.AsObject();

    private static JsonObject With(Action<JsonObject> change)
    {
        JsonObject root = Document();
        change(root);
        return root;
    }

    private static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    private static JsonObject Parent(JsonObject root, string path) =>
        path.Contains('.', StringComparison.Ordinal) ? root[path.Split('.')[0]]!.AsObject() : root;

    private static IEnumerable<string> Paths(JsonObject node, string prefix) =>
        node.SelectMany(pair => pair.Value is JsonObject inner
            ? Paths(inner, $"{pair.Key}.").Append(prefix + pair.Key)
            : [prefix + pair.Key]);

    private static Gen<VolumeRecord> Records() =>
        from count in Gen.Choose(1, 5)
        from states in Gen.Elements(Synced, Stale, Lapsed, Faulted).ArrayOf(count)
        from threshold in Gen.Choose(1, count)
        from numbers in Gen.Choose(1, int.MaxValue - 1).ArrayOf(4)
        from flags in Gen.Elements(false, true).ArrayOf(9)
        select Volume(threshold, states) with
        {
            Serial = numbers[0],
            SizeBytes = (long)numbers[1] + 8192,
            Epoch = 1 + ((uint)numbers[2] % RecordLimits.EpochMax),
            Owner = flags[0] ? "gateway-1@host" : null,
            NextChildIndex = Math.Max(count, numbers[3]),
            BadBlocks = flags[1] ? [0, (numbers[1] / 4096) + 1] : [],
            Stopped = flags[2],
            Exports = flags[6] ? [new VolumeExport("E", "\u0001\"é😀<\u2028", flags[7], "\n")] : [],
            Children = Volume(threshold, states).Children.SetItem(
                0, Volume(threshold, states).Children[0] with { GivenNodeName = flags[8] ? "A.b" : null }),
            Options = new VolumeOptions
            {
                Threshold = threshold,
                RewriteCorrupted = flags[3],
                ReadPattern = flags[4] ? ReadPattern.Fifo : ReadPattern.Quorum,
                Digest = flags[5] ? DigestKind.Sha256 : DigestKind.Xxh128,
            },
        };
}
