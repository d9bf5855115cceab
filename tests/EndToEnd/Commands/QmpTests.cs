using System.Text.Json;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Commands;

/// <summary>QMP as a tool speaks it, line by line.</summary>
public sealed class QmpTests
{
    [Fact]
    public void The_greeting_is_QEMUs_and_ends_in_CRLF()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        using var client = new QmpClient(demo.QmpPath);

        using var greeting = JsonDocument.Parse(client.GreetingLine);
        var qmp = greeting.RootElement.GetProperty("QMP");

        Assert.EndsWith("\r\n", client.GreetingLine, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Array, qmp.GetProperty("capabilities").ValueKind);
        Assert.All(
            ["major", "minor", "micro"],
            part => qmp.GetProperty("version").GetProperty("qemu").GetProperty(part).GetInt32());
        Assert.Equal(JsonValueKind.String, qmp.GetProperty("version").GetProperty("package").ValueKind);
    }

    [Fact]
    public void Nothing_is_served_before_negotiation()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        using var client = new QmpClient(demo.QmpPath);

        AssertError(
            client.Execute("""{"execute": "query-volumes"}"""), "CommandNotFound",
            "Expecting capabilities negotiation with 'qmp_capabilities'");
        client.Negotiate();
        Assert.True(client.Execute("""{"execute": "query-volumes"}""").TryGetProperty("return", out _));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("\"seven\"")]
    [InlineData("{\"a\":[1,null]}")]
    public void The_id_is_echoed_whatever_its_type(string id)
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        using var client = new QmpClient(demo.QmpPath);
        client.Negotiate();

        var good = client.Execute($$"""{"execute": "query-volumes", "id": {{id}}}""");
        var bad = client.Execute($$"""{"execute": "no-such-thing", "id": {{id}}}""");

        Assert.Equal(id, good.GetProperty("id").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(id, bad.GetProperty("id").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        AssertError(bad, "CommandNotFound", "The command no-such-thing has not been found");
    }

    [Fact]
    public void Bad_JSON_is_an_error_and_the_session_goes_on()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        using var client = new QmpClient(demo.QmpPath);
        client.Negotiate();

        var error = client.Execute("""{"execute": }""").GetProperty("error");

        Assert.Equal("GenericError", error.GetProperty("class").GetString());
        Assert.StartsWith(
            "JSON parse error", error.GetProperty("desc").GetString(), StringComparison.Ordinal);
        Assert.True(client.Execute("""{"execute": "query-volumes"}""").TryGetProperty("return", out _));
    }

    [Fact]
    public void Several_sessions_get_an_event_as_it_happens()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        using var first = new QmpClient(demo.QmpPath);
        using var second = new QmpClient(demo.QmpPath);
        first.Negotiate();
        second.Negotiate();
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 64k").Succeeded();
        Replicas.Corrupt(demo.ReplicaFile(1), 0, 4096, 0xee);

        Tool.QemuIo(demo.Uri, "read -P 0x5a 0 64k").Succeeded();

        Assert.All([first, second], client => Assert.Equal("demo-node1", NextReport(client)));
    }

    [Fact]
    public void Kept_events_can_be_asked_for()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 64k").Succeeded();
        Replicas.Corrupt(demo.ReplicaFile(1), 0, 4096, 0xee);
        Tool.QemuIo(demo.Uri, "read -P 0x5a 0 64k").Succeeded();
        Replicas.AwaitRepair(demo);
        using var client = new QmpClient(demo.QmpPath);
        client.Negotiate();

        var events = client.Execute("""{"execute": "query-events"}""").GetProperty("return");

        Assert.Contains("demo-node1", events.GetRawText(), StringComparison.Ordinal);
    }

    private static string? NextReport(QmpClient client)
    {
        JsonElement next;
        do
        {
            next = client.Receive();
        }
        while (next.GetProperty("event").GetString() != "QUORUM_REPORT_BAD");
        return next.GetProperty("data").GetProperty("node-name").GetString();
    }

    private static void AssertError(JsonElement answer, string @class, string description)
    {
        var error = answer.GetProperty("error");
        Assert.Equal(@class, error.GetProperty("class").GetString());
        Assert.Equal(description, error.GetProperty("desc").GetString());
    }
}
