using System.Text;
using System.Text.Json;
using Replication.Coordinator.Events;

namespace Replication.Gateway.Tests.Qmp;

/// <summary>The rules of a session as QEMU 7.2 was observed to keep them, from a raw socket.</summary>
public sealed class QmpSessionTests : IAsyncLifetime
{
    private const string QueryVersion = "{\"execute\":\"query-version\"}";

    private readonly QmpFixture _qmp = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _qmp.DisposeAsync().AsTask();

    [Fact]
    public void The_greeting_names_a_version_of_qemu_a_package_and_no_capabilities()
    {
        using RawQmpClient client = _qmp.Connect();

        using JsonDocument greeting = JsonDocument.Parse(client.ReadLine()!);

        JsonElement qmp = greeting.RootElement.GetProperty("QMP");
        JsonElement version = qmp.GetProperty("version");
        Assert.True(version.GetProperty("qemu").GetProperty("major").GetInt32() >= 7);
        Assert.StartsWith(
            "Replication ", version.GetProperty("package").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, qmp.GetProperty("capabilities").GetArrayLength());
    }

    [Theory]
    [InlineData("{\"execute\":\"query-version\"}")]
    [InlineData("{\"execute\":\"quit\"}")]
    [InlineData("{\"execute\":\"nope\"}")]
    public void Before_the_negotiation_every_other_command_is_not_found(string request)
    {
        using RawQmpClient client = _qmp.Connect();
        client.ReadLine();

        AssertError(
            client.Ask(request),
            "CommandNotFound",
            "Expecting capabilities negotiation with 'qmp_capabilities'");
        Assert.Equal(0, _qmp.Quits);
    }

    [Fact]
    public void A_second_negotiation_is_not_found()
    {
        using RawQmpClient client = _qmp.Negotiated();

        AssertError(
            client.Ask("{\"execute\":\"qmp_capabilities\"}"),
            "CommandNotFound",
            "Capabilities negotiation is already complete, command ignored");
    }

    [Fact]
    public void A_capability_that_is_not_offered_is_refused_and_the_negotiation_goes_on()
    {
        using RawQmpClient client = _qmp.Connect();
        client.ReadLine();

        AssertError(
            client.Ask("{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]}}"),
            "GenericError",
            "Capability oob not available");
        Assert.Equal(
            "{\"return\":{}}",
            client.Ask("{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[]}}"));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("1.50")]
    [InlineData("\"a\\u0041\"")]
    [InlineData("null")]
    [InlineData("false")]
    [InlineData("[1,{\"b\":null}]")]
    [InlineData("{\"a\":[1,null]}")]
    [InlineData("123456789012345678901234567890")]
    public void An_id_of_any_type_comes_back_as_it_was(string id)
    {
        using RawQmpClient client = _qmp.Negotiated();

        Assert.EndsWith(
            $",\"id\":{id}}}",
            client.Ask($"{{\"id\":{id},\"execute\":\"query-version\"}}"),
            StringComparison.Ordinal);
        string error = client.Ask($"{{\"execute\":\"nope\",\"id\":{id}}}");
        Assert.EndsWith($",\"id\":{id}}}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1]", "QMP input must be a JSON object")]
    [InlineData("1", "QMP input must be a JSON object")]
    [InlineData("\"x\"", "QMP input must be a JSON object")]
    [InlineData("{}", "QMP input lacks member 'execute'")]
    [InlineData("{\"execute\":1}", "QMP input member 'execute' must be a string")]
    [InlineData("{\"execute\":\"quit\",\"arguments\":1}", "QMP input member 'arguments' must be an object")]
    [InlineData("{\"execute\":\"quit\",\"foo\":1}", "QMP input member 'foo' is unexpected")]
    [InlineData("{\"exec-oob\":\"quit\"}", "QMP input member 'exec-oob' is unexpected")]
    [InlineData("foo", "JSON parse error, invalid keyword 'foo'")]
    [InlineData(
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "JSON nesting depth limit exceeded")]
    public void A_request_that_is_none_is_answered_in_QEMUs_words(string request, string desc)
    {
        using RawQmpClient client = _qmp.Negotiated();

        AssertError(client.Ask(request), "GenericError", desc);

        Assert.StartsWith("{\"return\"", client.Ask(QueryVersion), StringComparison.Ordinal);
        Assert.Equal(0, _qmp.Quits);
    }

    [Theory]
    [InlineData("}")]
    [InlineData("{\"execute\":\"query-version\",}")]
    [InlineData("{\"execute\" \"query-version\"}")]
    [InlineData("{\"execute\":\"query-version\"]")]
    [InlineData("{\"id\":1,\"id\":2,\"execute\":\"quit\"}")]
    [InlineData("{1:2}")]
    [InlineData("{\"execute\":\"a\\q\"}")]
    [InlineData("[\"")]
    [InlineData("nul")]
    [InlineData("{\"execute\":\"\\ud800\"}")]
    [InlineData("{\"execute\":\"quit\",\"arguments\":{\"\\udc00\":1}}")]
    [InlineData("\u0001")]
    public void Bad_JSON_is_one_parse_error_and_the_session_goes_on(string request)
    {
        using RawQmpClient client = _qmp.Negotiated();

        using JsonDocument answer = JsonDocument.Parse(client.Ask(request));

        JsonElement error = answer.RootElement.GetProperty("error");
        Assert.Equal("GenericError", error.GetProperty("class").GetString());
        Assert.StartsWith(
            "JSON parse error, ", error.GetProperty("desc").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("{\"return\"", client.Ask(QueryVersion), StringComparison.Ordinal);
        Assert.Equal(0, _qmp.Quits);
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_a_parse_error()
    {
        using RawQmpClient client = _qmp.Negotiated();

        client.Send([(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}', (byte)'\n']);

        Assert.Contains("JSON parse error, ", client.ReadLine(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_command_is_not_found_by_name()
    {
        using RawQmpClient client = _qmp.Negotiated();

        AssertError(
            client.Ask("{\"execute\":\"nope\"}"), "CommandNotFound", "The command nope has not been found");
    }

    [Fact]
    public void A_request_may_span_lines_and_two_may_share_one()
    {
        using RawQmpClient client = _qmp.Negotiated();

        Assert.StartsWith(
            "{\"return\"", client.Ask("{\"execute\":\r\n\"query-version\"}"), StringComparison.Ordinal);
        Assert.EndsWith("\"id\":1}", client.Ask(
            "{\"execute\":\"query-version\",\"id\":1}{\"execute\":\"query-version\",\"id\":2}"),
            StringComparison.Ordinal);
        Assert.EndsWith("\"id\":2}", client.ReadLine(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_needs_no_end_of_line_and_may_come_byte_by_byte()
    {
        using RawQmpClient client = _qmp.Negotiated();

        foreach (byte next in Encoding.UTF8.GetBytes(QueryVersion))
        {
            client.Send([next]);
        }

        Assert.StartsWith("{\"return\"", client.ReadLine(), StringComparison.Ordinal);
    }

    [Fact]
    public void Single_quotes_do_as_QEMU_takes_them()
    {
        using RawQmpClient client = _qmp.Negotiated();

        Assert.EndsWith(
            ",\"id\":\"it's \\\"so\\\"\"}",
            client.Ask("{'execute':'query-version','id':'it\\'s \"so\"'}"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_longer_than_a_mebibyte_is_an_error_and_the_end()
    {
        using RawQmpClient client = _qmp.Negotiated();
        using RawQmpClient other = _qmp.Negotiated();

        client.Send("{\"execute\":\"" + new string('a', 1024 * 1024) + "\"}");

        AssertError(client.ReadLine()!, "GenericError", "JSON token size limit exceeded");
        Assert.Null(client.ReadLine());
        Assert.StartsWith("{\"return\"", other.Ask(QueryVersion), StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_reaches_every_client_that_has_negotiated_and_no_other()
    {
        using RawQmpClient first = _qmp.Negotiated();
        using RawQmpClient second = _qmp.Negotiated();
        using RawQmpClient early = _qmp.Connect();
        early.ReadLine();

        _qmp.Events.Append(new QuorumFailure(DateTimeOffset.UnixEpoch, "demo", 1, 2));

        const string Line = "{\"event\":\"QUORUM_FAILURE\",\"data\":{\"reference\":\"demo\",\"sector-num\":1,"
            + "\"sectors-count\":2},\"timestamp\":{\"seconds\":0,\"microseconds\":0}}";
        Assert.Equal(Line, first.ReadLine());
        Assert.Equal(Line, second.ReadLine());
        Assert.Equal("{\"return\":{}}", early.Ask("{\"execute\":\"qmp_capabilities\"}"));
    }

    [Fact]
    public void A_client_that_does_not_read_costs_the_others_nothing()
    {
        using RawQmpClient slow = _qmp.Negotiated();
        using RawQmpClient other = _qmp.Negotiated();
        const int EventCount = 20_000;
        int seen = 0;

        for (int batch = 0; batch < EventCount / 500; batch++)
        {
            for (int number = 0; number < 500; number++)
            {
                _qmp.Events.Append(
                    new RangeRepaired(DateTimeOffset.UnixEpoch, new string('v', 64), number, 1));
            }

            for (; seen < (batch + 1) * 500; seen++)
            {
                Assert.Contains("RANGE_REPAIRED", other.ReadLine(), StringComparison.Ordinal);
            }
        }

        Assert.StartsWith("{\"return\"", other.Ask(QueryVersion), StringComparison.Ordinal);
    }

    private static void AssertError(string line, string kind, string desc)
    {
        using JsonDocument answer = JsonDocument.Parse(line);
        JsonElement error = answer.RootElement.GetProperty("error");
        Assert.Equal(kind, error.GetProperty("class").GetString());
        Assert.Equal(desc, error.GetProperty("desc").GetString());
    }
}
