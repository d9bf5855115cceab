using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Gateway.Exports;
using Replication.Gateway.Listening;
using Replication.Gateway.Tests.Nbd;

namespace Replication.Gateway.Tests.Qmp;

/// <summary>Exports and the NBD server by QEMU's commands.</summary>
public sealed class ExportCommandTests : IAsyncLifetime
{
    private readonly BlockFixture _block = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _block.DisposeAsync().AsTask();

    [Fact]
    public void An_export_is_read_only_and_has_the_nodes_name_unless_told_otherwise()
    {
        _block.OpenNbd();

        _block.Succeed("block-export-add", """{"type":"nbd","id":"e","node-name":"q0"}""");

        Assert.Equal(
            [new AddExport("q0", new VolumeExport("e", "q0", Writable: false, ""))], _block.Done);
    }

    [Fact]
    public void An_export_has_the_name_and_description_that_it_is_given()
    {
        _block.OpenNbd();

        _block.Succeed(
            "block-export-add",
            """
            {"type":"nbd","id":"e","node-name":"q0","name":"disk","writable":true,"description":"of the shop",
             "writethrough":false}
            """);

        Assert.Equal(
            [new AddExport("q0", new VolumeExport("e", "disk", Writable: true, "of the shop"))], _block.Done);
    }

    [Fact]
    public void Exports_are_listed_as_QEMU_lists_them()
    {
        _block.OpenNbd();
        _block.Succeed("block-export-add", """{"type":"nbd","id":"e","node-name":"q0"}""");

        Assert.Equal(
            """{"return":[{"node-name":"q0","shutting-down":false,"type":"nbd","id":"e"}]}""",
            _block.Run("query-block-exports", "{}"));
    }

    [Fact]
    public void Ids_and_names_of_exports_are_used_once()
    {
        _block.OpenNbd();
        _block.Succeed("block-export-add", """{"type":"nbd","id":"e","node-name":"q0","name":"disk"}""");

        _block.Refuse(
            "block-export-add",
            """{"type":"nbd","id":"e","node-name":"qb"}""",
            "Block export id 'e' is already in use");
        _block.Refuse(
            "block-export-add",
            """{"type":"nbd","id":"f","node-name":"qb","name":"disk"}""",
            "NBD server already has export named 'disk'");
        Assert.Single(_block.Done);
    }

    [Fact]
    public void No_volume_is_made_whose_own_export_is_another_volumes()
    {
        _block.OpenNbd();
        _block.Succeed("block-export-add", """{"type":"nbd","id":"e","node-name":"q0","name":"disk"}""");

        _block.Refuse(
            "volume-create",
            """{"name":"disk","size":512}""",
            "Volume 'q0' has an export with the id or name 'disk'");
        _block.Refuse(
            "volume-create",
            """{"name":"e","size":512}""",
            "Volume 'q0' has an export with the id or name 'e'");
        Assert.Single(_block.Done);
    }

    [Fact]
    public void A_quorum_that_is_being_exported_is_not_deleted_meanwhile()
    {
        _block.OpenNbd();
        string? refusal = null;
        _block.Qmp.Answer = asked =>
        {
            if (asked is AddExport)
            {
                using RawQmpClient other = _block.Qmp.Negotiated();
                refusal = other.Run("blockdev-del", """{"node-name":"q0"}""");
            }

            return _block.Volumes.Answer(asked);
        };

        _block.Succeed("block-export-add", """{"type":"nbd","id":"e","node-name":"q0"}""");

        Assert.Equal(RawQmpClient.Error("Node q0 is in use"), refusal);
        Assert.Empty(_block.Done.OfType<DeleteVolume>());
    }

    [Fact]
    public void What_cannot_be_exported_is_refused()
    {
        _block.OpenNbd();
        string tooLong = new('n', 2049);

        _block.Refuse(
            "block-export-add",
            """{"type":"nbd","id":"e","node-name":"c0"}""",
            "Node 'c0' is a replica; a quorum is what can be exported");
        _block.Refuse(
            "block-export-add",
            """{"type":"nbd","id":"e","node-name":"q0","name":""}""",
            "export name '' is empty");
        _block.Refuse(
            "block-export-add",
            $$"""{"type":"nbd","id":"e","node-name":"q0","name":"{{tooLong}}"}""",
            $"export name '{tooLong}' too long");
        _block.Refuse(
            "block-export-add",
            $$"""{"type":"nbd","id":"e","node-name":"q0","description":"{{tooLong}}"}""",
            $"description '{tooLong}' too long");
        _block.Refuse(
            "block-export-add",
            """{"type":"nbd","id":"e","node-name":"q0","writethrough":true}""",
            "writethrough=on is not offered: it is a volume's durability, which is chosen at its creation");
        Assert.Empty(_block.Done);
    }

    [Fact]
    public void An_export_in_use_is_removed_only_by_force()
    {
        ListenAddress address = _block.OpenNbd();
        _block.Succeed("block-export-add", """{"type":"nbd","id":"e","node-name":"q0"}""");
        Serve("q0");
        using RawClient client = Attach(address, "q0");

        _block.Refuse("block-export-del", """{"id":"e"}""", "export 'e' still in use");
        _block.Refuse("block-export-del", """{"id":"e","mode":"safe"}""", "export 'e' still in use");
        _block.Remove("block-export-del", """{"id":"e","mode":"hard"}""", "e");

        Assert.Equal(new RemoveExport("q0", "e"), _block.Done.Last());
        _block.Refuse("block-export-del", """{"id":"e"}""", "Export 'e' is not found");
    }

    [Fact]
    public void An_export_that_nobody_uses_is_removed()
    {
        _block.OpenNbd();
        _block.Succeed("block-export-add", """{"type":"nbd","id":"e","node-name":"q0"}""");
        Serve("q0");

        _block.Remove("block-export-del", """{"id":"e"}""", "e");

        Assert.Equal(new RemoveExport("q0", "e"), _block.Done.Last());
    }

    [Fact]
    public void The_server_starts_once_serves_what_is_exported_and_stops()
    {
        Serve("q0");
        string path = _block.Qmp.SocketPath + ".nbd";
        string start = "{\"addr\":{\"type\":\"unix\",\"data\":{\"path\":\"" + path + "\"}}}";
        ListenAddress address = ListenAddress.Parse($"unix:{path}");

        _block.Succeed("nbd-server-start", start);
        _block.Refuse("nbd-server-start", start, "NBD server already running");
        using (RawClient client = Attach(address, "q0"))
        {
            _block.Succeed("nbd-server-stop", "{}");
            Assert.Equal(0, client.Socket.Receive(new byte[1]));
        }

        _block.Refuse("nbd-server-stop", "{}", "NBD server not running");
        _block.Succeed("nbd-server-start", start);
        using RawClient again = Attach(address, "q0");

        // Counts go on over the servers.
        Assert.Equal((1, 2), (_block.Qmp.Nbd.Load!.Connections, _block.Qmp.Nbd.Load.AcceptedCount));
    }

    [Fact]
    public void The_server_listens_on_a_port_of_the_loopback_address_and_nowhere_else()
    {
        _block.Refuse(
            "nbd-server-start",
            """{"addr":{"type":"inet","data":{"host":"192.0.2.1","port":"10809"}}}""",
            "192.0.2.1:10809 can be reached from other machines, which needs TLS;"
                + " use 127.0.0.1, [::1] or unix:PATH");
        Assert.False(_block.Qmp.Nbd.IsOpen);

        _block.Succeed(
            "nbd-server-start", """{"addr":{"type":"inet","data":{"host":"127.0.0.1","port":"0"}}}""");
        Assert.True(_block.Qmp.Nbd.IsOpen);
    }

    [Fact]
    public void The_server_takes_no_more_clients_than_it_was_told()
    {
        Serve("q0");
        string path = _block.Qmp.SocketPath + ".nbd";
        _block.Succeed(
            "nbd-server-start",
            $$$"""{"addr":{"type":"unix","data":{"path":"{{{path}}}"}},"max-connections":1}""");
        ListenAddress address = ListenAddress.Parse($"unix:{path}");
        using RawClient first = Attach(address, "q0");

        using RawClient second = new(address);

        Assert.Equal(0, second.Socket.Receive(new byte[1]));
    }

    [Fact]
    public void Stopping_the_server_removes_exports_that_were_added_and_keeps_a_volumes_own()
    {
        _block.OpenNbd();
        _block.Volumes["qb"] = _block.Volumes["qb"] with { Exports = [VolumeExport.OwnOf("qb")] };
        _block.Succeed("block-export-add", """{"type":"nbd","id":"e","node-name":"q0"}""");
        _block.Succeed("block-export-add", """{"type":"nbd","id":"f","node-name":"qb","name":"other"}""");

        _block.Remove("nbd-server-stop", "{}", "e", "f");

        Assert.Equal(
            [new RemoveExport("q0", "e"), new RemoveExport("qb", "f")],
            _block.Done.OfType<RemoveExport>());
    }

    [Fact]
    public void The_server_is_stopped_also_where_an_export_cannot_be_removed()
    {
        _block.OpenNbd();
        _block.Succeed("block-export-add", """{"type":"nbd","id":"e","node-name":"q0"}""");
        _block.Qmp.Answer = asked => asked is RemoveExport
            ? new AdminRefused("the store does not answer")
            : _block.Volumes.Answer(asked);

        _block.Refuse("nbd-server-stop", "{}", "the store does not answer");

        Assert.False(_block.Qmp.Nbd.IsOpen);
    }

    /// <summary>What the feed of exports does when a volume announces itself.</summary>
    private void Serve(string name) => _block.Qmp.Exports.Add(
        new Export(name, 1 << 20, new MemoryVolume(1 << 20), ReadOnly: true, ""));

    private static RawClient Attach(ListenAddress address, string name)
    {
        RawClient client = new(address);
        client.Greet();
        client.SendOption(RawClient.Go, RawClient.InfoData(name));
        while (client.ReadOptionReply().Type is var type and not RawClient.Ack)
        {
            Assert.Equal(RawClient.InfoReply, type);
        }

        return client;
    }
}
