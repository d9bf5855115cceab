using System.Text.Json;
using Replication.EndToEnd.Commands;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Separate;

/// <summary>
/// Separate processes that are killed and stopped: nobody else notices, nothing that was flushed is lost, and
/// what was away comes back by itself.
/// </summary>
public sealed class CrashTests
{
    /// <summary>A child is out sooner than by default, so that nobody waits for it long.</summary>
    private static readonly string[] Options =
        ["--size", "64MiB", "--set", "gateway.child-timeout=2 s", "--set", "remoting.acceptable-pause=1 s"];

    [Fact]
    public void A_killed_node_that_returns_is_brought_in_sync_by_what_it_missed()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up(Options);
        Tool.QemuIo(nodes.Uri, "write -P 0x5a 0 32M", "flush").Succeeded();

        nodes.Crash("node2");
        Tool.QemuIo(nodes.Uri, "write -P 0x6b 8M 4M", "flush").Succeeded();
        Assert.Equal("stale", nodes.Child("node2").GetProperty("state").GetString());
        nodes.Up();
        nodes.AwaitSynced();

        Tool.QemuIo(nodes.Uri, "read -P 0x5a 0 8M", "read -P 0x6b 8M 4M", "read -P 0x5a 12M 20M").Succeeded();
        var resync = nodes.Events("RESYNC_ENDED")[^1];
        Assert.Equal("demo-node2", resync.GetProperty("node-name").GetString());
        Assert.InRange(resync.GetProperty("copied-bytes").GetInt64(), 4 << 20, 12 << 20);
        nodes.Run("down").Succeeded();
        nodes.AssertIdentical(1, 2, 3);
    }

    [Fact]
    public void A_stopped_node_is_left_out_and_returns_when_it_goes_on()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up(Options);
        nodes.Stop("node3");

        Tool.QemuIo(nodes.Uri, "write -P 0x5a 0 1M", "read -P 0x5a 0 1M").Succeeded();
        Assert.Equal("stale", nodes.Child("node3").GetProperty("state").GetString());
        nodes.Continue("node3");
        nodes.AwaitSynced();

        nodes.Run("down").Succeeded();
        nodes.AssertIdentical(1, 2, 3);
    }

    [Fact]
    public async Task Fio_verifies_what_it_writes_while_a_node_dies_and_returns()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up(Options);
        var fio = Task.Run(() => Tool.Run(
            "fio", "--name=verify", "--ioengine=nbd", $"--uri={nodes.Uri}", "--rw=randwrite", "--bs=4k",
            "--size=48m", "--iodepth=8", "--rate_iops=2000", "--verify=xxhash", "--verify_fatal=1",
            "--do_verify=1", "--fsync=256", "--output-format=terse", $"--aux-path={scratch.Path}"));
        Eventually.True(
            () => Replicas.AllocatedBytes(nodes.ReplicaFile(1)) > 4 << 20, () => "fio writes nothing");

        nodes.Crash("node1");
        nodes.Up();
        var result = await fio;

        result.Succeeded();
        Assert.DoesNotContain("verify:", result.Error, StringComparison.Ordinal);
        nodes.AwaitSynced();
        nodes.Run("down").Succeeded();
        nodes.AssertIdentical(1, 2, 3);
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("gateway", "node1", "node2", "node3")]
    public void What_was_flushed_is_there_after_a_crash_of_the_gateway_or_of_all(params string[] killed)
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up(Options);
        Tool.QemuIo(nodes.Uri, "write -P 0x5a 0 8M", "flush", "write -P 0x6b 8M 1M").Succeeded();

        foreach (var name in killed)
        {
            nodes.Crash(name);
        }

        nodes.Up();
        nodes.AwaitSynced();

        Tool.QemuIo(nodes.Uri, "read -P 0x5a 0 8M", "read 8M 1M", "read -P 0 9M 1M").Succeeded();
        nodes.Run("down").Succeeded();
        nodes.AssertIdentical(1, 2, 3);
    }

    [Fact]
    public void A_child_is_added_and_built_and_another_is_removed()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up([.. Options, "--nodes", "4", "--children", "3"]);
        Tool.QemuIo(nodes.Uri, "write -P 0x5a 0 16M", "flush").Succeeded();
        using var qmp = new QmpClient(Path.Combine(nodes.Folder, "qmp.sock"));
        qmp.Negotiate();

        var added = qmp.Execute(
            """{"execute":"child-add","arguments":{"volume":"demo","node":"node4"}}""");
        Assert.Equal(
            """{"child":"children.3","node-name":"demo-node4"}""", added.GetProperty("return").GetRawText());
        nodes.AwaitSynced();
        var removed = qmp.Execute(
            """{"execute":"child-remove","arguments":{"volume":"demo","child":"children.0"}}""");

        Assert.Equal("""{"left-on":[]}""", removed.GetProperty("return").GetRawText());
        Assert.Equal(
            ["node2", "node3", "node4"],
            nodes.Volume().GetProperty("children").EnumerateArray().Select(
                static child => child.GetProperty("node").GetString()));
        Tool.QemuIo(nodes.Uri, "read -P 0x5a 0 16M", "write -P 0x6b 0 1M").Succeeded();
        nodes.Run("down").Succeeded();
        nodes.AssertIdentical(2, 3, 4);
        Assert.False(File.Exists(nodes.ReplicaFile(1)));
    }
}
