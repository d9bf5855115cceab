using System.Text.Json;

namespace Replication.Gateway.Tests.Qmp;

/// <summary>
/// QEMU's errors, word for word: the same command goes to qemu-storage-daemon and to us, each with the same
/// nodes, and both must answer the same.
/// </summary>
public sealed class QemuErrorTests(QemuDaemon qemu) : IClassFixture<QemuDaemon>, IAsyncLifetime
{
    private readonly BlockFixture _ours = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _ours.DisposeAsync().AsTask();

    [Theory]
    [InlineData("{}", "Parameter 'driver' is missing")]
    [InlineData("""{"driver":1}""", "Invalid parameter type for 'driver', expected: string")]
    [InlineData("""{"driver":"nope"}""", "Parameter 'driver' does not accept value 'nope'")]
    [InlineData("""{"driver":"quorum"}""", "Parameter 'children' is missing")]
    [InlineData("""{"driver":"quorum","bogus":1}""", "Parameter 'children' is missing")]
    [InlineData("""{"driver":"quorum","node-name":"q","children":["c3"]}""",
        "Parameter 'vote-threshold' is missing")]
    [InlineData("""{"driver":"quorum","node-name":"q","children":["c3"],"vote-threshold":0}""",
        "Parameter 'vote-threshold' expects a value >= 1")]
    [InlineData("""{"driver":"quorum","node-name":"q","children":["c3"],"vote-threshold":-1}""",
        "Parameter 'vote-threshold' expects a value >= 1")]
    [InlineData("""{"driver":"quorum","node-name":"q","children":["c3","c4"],"vote-threshold":3}""",
        "threshold may not exceed children count")]
    [InlineData("""{"driver":"quorum","node-name":"q","children":["c3","c4"],"vote-threshold":99999999999}""",
        "threshold may not exceed children count")]
    [InlineData("""{"driver":"quorum","node-name":"q","children":[],"vote-threshold":1}""",
        "Number of provided children must be 1 or more")]
    [InlineData("""{"driver":"quorum","node-name":"q","children":[],"vote-threshold":0}""",
        "Number of provided children must be 1 or more")]
    [InlineData("""{"driver":"quorum","node-name":"q","children":["c3"],"vote-threshold":1,"bogus":1}""",
        "Parameter 'bogus' is unexpected")]
    [InlineData("""{"driver":"quorum","node-name":"q","children":["c3"],"vote-threshold":"1"}""",
        "Invalid parameter type for 'vote-threshold', expected: integer")]
    [InlineData("""{"driver":"quorum","node-name":"q","children":["c3"],"vote-threshold":1.5}""",
        "Invalid parameter type for 'vote-threshold', expected: integer")]
    [InlineData(
        """{"driver":"quorum","node-name":"q","children":["c3"],"vote-threshold":1,"read-pattern":"rr"}""",
        "Parameter 'read-pattern' does not accept value 'rr'")]
    [InlineData("""{"driver":"quorum","node-name":"q","children":["c3","nope"],"vote-threshold":1}""",
        "Cannot find device='nope' nor node-name='nope'")]
    [InlineData("""{"driver":"quorum","node-name":"q0","children":["c3"],"vote-threshold":1}""",
        "Duplicate nodes with node-name='q0'")]
    [InlineData("""{"driver":"quorum","node-name":"q0","children":[],"vote-threshold":1}""",
        "Duplicate nodes with node-name='q0'")]
    [InlineData("""{"driver":"quorum","node-name":"c4","children":["c3"],"vote-threshold":1}""",
        "Duplicate nodes with node-name='c4'")]
    [InlineData(
        """
        {"driver":"quorum","node-name":"q","children":["c3","c4","c7"],"vote-threshold":2,
         "blkverify":true}
        """,
        "blkverify=on can only be set if there are exactly two files and vote-threshold is 2")]
    [InlineData(
        """{"driver":"quorum","node-name":"q","children":["c3","c4"],"vote-threshold":1,"blkverify":true}""",
        "blkverify=on can only be set if there are exactly two files and vote-threshold is 2")]
    [InlineData(
        """
        {"driver":"quorum","node-name":"q","children":["c3","nope"],"vote-threshold":2,"blkverify":true,
         "rewrite-corrupted":true}
        """,
        "rewrite-corrupted=on cannot be used with blkverify=on")]
    public void Blockdev_add(string arguments, string desc) => BothRefuse("blockdev-add", arguments, desc);

    [Theory]
    [InlineData("""{"driver":"quorum","children":["c3"],"vote-threshold":1}""",
        "'node-name' must be specified for the root node")]
    [InlineData("""{"driver":"quorum","node-name":"","children":["c3"],"vote-threshold":1}""",
        "Invalid node-name: ''")]
    [InlineData("""{"driver":"quorum","node-name":"0a","children":["c3"],"vote-threshold":1}""",
        "Invalid node-name: '0a'")]
    [InlineData(
        """
        {"driver":"quorum","node-name":"aaaaaaaaaabbbbbbbbbbccccccccccdd","children":["c3"],
         "vote-threshold":1}
        """,
        "Node name too long")]
    [InlineData("""{"driver":"quorum","node-name":"q","children":"c3","vote-threshold":1}""",
        "Invalid parameter type for 'children', expected: array")]
    [InlineData("""{"driver":"quorum","node-name":"q","children":[{"node-name":"c9"}],"vote-threshold":1}""",
        "Parameter 'children[0].driver' is missing")]
    [InlineData(
        """{"driver":"quorum","node-name":"q","children":["c3",{"driver":"nope"}],"vote-threshold":1}""",
        "Parameter 'driver' does not accept value 'nope'")]
    public void Blockdev_add_and_names_and_children(string arguments, string desc) =>
        BothRefuse("blockdev-add", arguments, desc);

    [Theory]
    [InlineData("{}", "Parameter 'parent' is missing")]
    [InlineData("""{"parent":"q0"}""", "Either child or node must be specified")]
    [InlineData("""{"parent":"q0","child":"children.0","node":"c3"}""",
        "The parameters child and node are in conflict")]
    [InlineData("""{"parent":"q0","child":"children.9"}""", "Node 'q0' does not have child 'children.9'")]
    [InlineData("""{"parent":"q0","child":"c0"}""", "Node 'q0' does not have child 'c0'")]
    [InlineData("""{"parent":"q0","child":"children.00"}""", "Node 'q0' does not have child 'children.00'")]
    [InlineData("""{"parent":"q0","node":"nope"}""", "Node 'nope' not found")]
    [InlineData("""{"parent":"nope"}""", "Cannot find device='nope' nor node-name='nope'")]
    [InlineData("""{"parent":"nope","node":"nope2"}""", "Cannot find device='nope' nor node-name='nope'")]
    [InlineData("""{"parent":"q0","node":"c0"}""", "The node c0 already has a parent")]
    [InlineData("""{"parent":"qb","node":"c0"}""", "The node c0 already has a parent")]
    [InlineData("""{"parent":"qb","child":"children.0"}""",
        "The number of children cannot be lower than the vote threshold 2")]
    [InlineData("""{"parent":"qb","node":"c3"}""", "Cannot add a child to a quorum in blkverify mode")]
    [InlineData("""{"parent":"c3","node":"c4"}""", "The node c3 does not support adding a child")]
    [InlineData("""{"parent":1,"node":"c3"}""", "Invalid parameter type for 'parent', expected: string")]
    [InlineData("""{"parent":"q0","bogus":"c3"}""", "Parameter 'bogus' is unexpected")]
    public void X_blockdev_change(string arguments, string desc) =>
        BothRefuse("x-blockdev-change", arguments, desc);

    [Theory]
    [InlineData("{}", "Parameter 'node-name' is missing")]
    [InlineData("""{"node-name":"nope"}""", "Failed to find node with node-name='nope'")]
    [InlineData("""{"node-name":"c0"}""", "Block device c0 is in use")]
    public void Blockdev_del(string arguments, string desc) => BothRefuse("blockdev-del", arguments, desc);

    [Theory]
    [InlineData("block-export-add", "{}", "Parameter 'type' is missing")]
    [InlineData("block-export-add", """{"type":"nope"}""", "Parameter 'type' does not accept value 'nope'")]
    [InlineData("block-export-add", """{"type":"nbd"}""", "Parameter 'id' is missing")]
    [InlineData("block-export-add", """{"type":"nbd","id":"x"}""", "Parameter 'node-name' is missing")]
    [InlineData("block-export-add", """{"type":"nbd","id":"x","node-name":"q0","writable":1}""",
        "Invalid parameter type for 'writable', expected: boolean")]
    [InlineData("block-export-add", """{"type":"nbd","id":"0x","node-name":"q0"}""",
        "Invalid block export id")]
    [InlineData("block-export-add", """{"type":"nbd","id":"x","node-name":"nope"}""",
        "Cannot find device='' nor node-name='nope'")]
    [InlineData("block-export-add", """{"type":"nbd","id":"x","node-name":"q0"}""", "NBD server not running")]
    [InlineData("block-export-del", "{}", "Parameter 'id' is missing")]
    [InlineData("block-export-del", """{"id":"nope"}""", "Export 'nope' is not found")]
    [InlineData("block-export-del", """{"id":"nope","mode":"soft"}""",
        "Parameter 'mode' does not accept value 'soft'")]
    [InlineData("nbd-server-stop", "{}", "NBD server not running")]
    [InlineData("nbd-server-start", "{}", "Parameter 'addr' is missing")]
    [InlineData("nbd-server-start", """{"addr":1}""", "Invalid parameter type for 'addr', expected: object")]
    [InlineData("nbd-server-start", """{"addr":{}}""", "Parameter 'addr.type' is missing")]
    [InlineData("nbd-server-start", """{"addr":{"type":"nope"}}""",
        "Parameter 'type' does not accept value 'nope'")]
    [InlineData("nbd-server-start", """{"addr":{"type":"unix"}}""", "Parameter 'addr.data' is missing")]
    [InlineData("nbd-server-start", """{"addr":{"type":"unix","data":{}}}""",
        "Parameter 'addr.data.path' is missing")]
    [InlineData("nbd-server-start", """{"addr":{"type":"inet","data":{"host":"127.0.0.1"}}}""",
        "Parameter 'addr.data.port' is missing")]
    [InlineData("nbd-server-start", """{"addr":{"type":"inet","data":{"host":"127.0.0.1","port":1}}}""",
        "Invalid parameter type for 'addr.data.port', expected: string")]
    [InlineData("nbd-server-start", """{"addr":{"type":"unix","data":{"path":"/x","bogus":1}}}""",
        "Parameter 'addr.data.bogus' is unexpected")]
    [InlineData("nbd-server-start", """{"addr":{"type":"unix","data":{"path":"/x"}},"tls-creds":"tls0"}""",
        "No TLS credentials with id 'tls0'")]
    [InlineData("query-named-block-nodes", """{"flat":1}""",
        "Invalid parameter type for 'flat', expected: boolean")]
    [InlineData("query-block-exports", """{"bogus":1}""", "Parameter 'bogus' is unexpected")]
    public void Exports_and_queries(string command, string arguments, string desc) =>
        BothRefuse(command, arguments, desc);

    [Fact]
    public void An_unknown_command() => Assert.Equal(
        Refusal(qemu.Client.Run("nope", "{}")), Refusal(_ours.Run("nope", "{}")));

    [Fact]
    public void A_version_and_the_answer_to_a_change_have_the_same_form()
    {
        JsonElement theirs = Returned(qemu.Client.Ask("""{"execute":"query-version"}"""));
        JsonElement ours = Returned(_ours.Client.Ask("""{"execute":"query-version"}"""));

        Assert.Equal(Members(theirs), Members(ours));
        Assert.Equal(Members(theirs.GetProperty("qemu")), Members(ours.GetProperty("qemu")));
    }

    [Fact]
    public void A_block_node_has_every_member_that_QEMUs_has_but_for_what_only_files_have()
    {
        JsonElement theirs = Node(qemu.Client, "q0");
        JsonElement ours = Node(_ours.Client, "q0");

        Assert.Empty(Members(theirs).Except(Members(ours)));
        Assert.Empty(Members(theirs.GetProperty("cache")).Except(Members(ours.GetProperty("cache"))));
        Assert.Equal(
            ["actual-size"], Members(theirs.GetProperty("image")).Except(Members(ours.GetProperty("image"))));
        foreach (string member in (string[])["node-name", "drv", "ro", "encrypted", "detect_zeroes"])
        {
            Assert.Equal($"{theirs.GetProperty(member)}", $"{ours.GetProperty(member)}");
        }
    }

    private static JsonElement Node(RawQmpClient client, string name) =>
        Returned(client.Ask("""{"execute":"query-named-block-nodes","arguments":{"flat":true}}"""))
            .EnumerateArray()
            .Single(node => node.GetProperty("node-name").GetString() == name);

    private static JsonElement Returned(string line)
    {
        using JsonDocument answer = JsonDocument.Parse(line);
        return answer.RootElement.GetProperty("return").Clone();
    }

    private static IEnumerable<string> Members(JsonElement json) =>
        json.EnumerateObject().Select(static member => member.Name).Order(StringComparer.Ordinal);

    private void BothRefuse(string command, string arguments, string desc)
    {
        string flat = arguments.ReplaceLineEndings("");
        Assert.Equal(("GenericError", desc), Refusal(qemu.Client.Run(command, flat)));
        Assert.Equal(("GenericError", desc), Refusal(_ours.Run(command, flat)));
        Assert.Empty(_ours.Done);
    }

    private static (string? Class, string? Desc) Refusal(string line)
    {
        using JsonDocument answer = JsonDocument.Parse(line);
        JsonElement error = answer.RootElement.GetProperty("error");
        return (error.GetProperty("class").GetString(), error.GetProperty("desc").GetString());
    }
}
