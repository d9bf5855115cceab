using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Replication.EndToEnd.Clients;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Commands;

/// <summary>docs/qmp.md does not say what is not so: its examples are carried out, in their order.</summary>
public sealed class QmpDocumentTests
{
    private const string Quorum = """
        {"execute":"blockdev-add","arguments":{"driver":"quorum","node-name":"q0","vote-threshold":2,
         "children":["c0",{"driver":"replica","host":"node2"},{"driver":"replica","host":"node3"}]}}
        """;

    [Fact]
    public void Every_example_is_answered_in_its_shape_and_every_command_has_one()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch, new DemoOptions { Nodes = 4 });
        using var client = new QmpClient(demo.QmpPath);
        var port = FreePort();
        HashSet<string> shown = [];
        HashSet<string> offered = [];
        foreach (var (example, reply) in QmpDocument.Examples())
        {
            var request = example.Replace("10809", port, StringComparison.Ordinal);
            using var parsed = JsonDocument.Parse(request);
            var command = parsed.RootElement.GetProperty("execute").GetString()!;
            if (shown.Add(command))
            {
                Prepare(command, demo, client);
            }

            var answer = client.Execute(request);
            var difference = QmpDocument.Difference(reply, answer);
            Assert.True(difference is null, $"{request}: {difference}\n{answer}");
            if (command == "query-commands")
            {
                offered = [.. answer.GetProperty("return").EnumerateArray()
                    .Select(one => one.GetProperty("name").GetString()!)];
            }
        }

        Assert.Equal(offered.Order(), shown.Order());
        Assert.Equal(offered.Order(), QmpDocument.Commands.Order());
    }

    [Fact]
    public void A_reply_of_another_shape_is_noticed()
    {
        var shown = QmpDocument.Examples().Single(
            example => example.Request.Contains("query-block-exports", StringComparison.Ordinal)).Reply;

        Assert.Null(Difference("""[{"node-name":"a","shutting-down":true,"type":"nbd","id":"b"}]"""));
        Assert.NotNull(Difference("""[{"node-name":"a","shutting-down":true,"type":"nbd"}]"""));
        Assert.NotNull(Difference("""[{"node-name":"a","shutting-down":1,"type":"nbd","id":"b"}]"""));
        Assert.NotNull(
            Difference("""[{"node-name":"a","shutting-down":true,"type":"nbd","id":"b","x":1}]"""));
        Assert.NotNull(Difference("{}"));

        string? Difference(string value)
        {
            using var real = JsonDocument.Parse($$"""{"return":{{value}}}""");
            return QmpDocument.Difference(shown, real.RootElement);
        }
    }

    /// <summary>
    /// What has to be there for the first example of a command, besides what those before it made.
    /// </summary>
    private static void Prepare(string command, DemoProcess demo, QmpClient client)
    {
        switch (command)
        {
            case "volume-reopen":
                StoppedVolumeTests.Stop(demo);
                Eventually.True(
                    () => demo.Command("status", "vm2").Output.Contains("stopped", StringComparison.Ordinal),
                    () => "vm2 is not stopped");
                break;
            case "child-add":
                Succeed(
                    client,
                    """
                    {"execute":"volume-create","arguments":{"name":"vm1","size":1048576,
                     "children":["node1","node2","node3"]}}
                    """);
                break;
            case "x-blockdev-change":
                Succeed(client, Quorum);
                Succeed(
                    client,
                    """
                    {"execute":"blockdev-add",
                     "arguments":{"driver":"replica","node-name":"c3","host":"node4"}}
                    """);
                break;
        }
    }

    private static void Succeed(QmpClient client, string request)
    {
        var answer = client.Execute(request);
        Assert.True(answer.TryGetProperty("return", out _), $"{request}: {answer}");
    }

    private static string FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return $"{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
