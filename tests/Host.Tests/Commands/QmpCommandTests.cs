using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Replication.Host.Tests.Commands;

public sealed class QmpCommandTests : IAsyncLifetime
{
    private const string Query = "{\"execute\":\"query-volumes\"}";

    private readonly FakeService _service = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _service.DisposeAsync().AsTask();

    [Fact]
    public async Task A_bare_command_is_answered_by_the_request_that_it_would_be()
    {
        (int exitCode, _, string said) = await _service.RunAsync("qmp", "query-version");

        Assert.Equal(2, exitCode);
        Assert.StartsWith(
            "replication: REQUEST: 'query-version' is no JSON: "
                + "\"{'execute':'query-version'}\" would be right\n",
            said,
            StringComparison.Ordinal);
        Assert.Empty(_service.Asked);
    }

    [Fact]
    public async Task A_request_on_the_command_line_gives_its_reply_in_one_line()
    {
        _service.On("query-volumes", "[]");

        Assert.Equal((0, "{\"return\":[]}\n", ""), await _service.RunAsync("qmp", Query));
    }

    [Theory]
    [InlineData("NBDMAGICIHAVEOPT", "is no QMP server: --qmp or $REPLICATION_QMP says")]
    [InlineData("", "sent no QMP greeting within 3 s: --qmp or $REPLICATION_QMP says")]
    public async Task Another_service_behind_the_address_is_known_by_its_greeting(
        string greeting, string said)
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        Task<(int ExitCode, string Out, string Error)> asking =
            CommandRun.RunAsync("status", "--qmp", $"{other.LocalEndpoint}");
        using Socket connected = await other.AcceptSocketAsync();
        await connected.SendAsync(Encoding.ASCII.GetBytes(greeting));

        (int exitCode, _, string error) = await asking;

        Assert.Equal(1, exitCode);
        Assert.StartsWith(
            $"replication: what answers on {other.LocalEndpoint} {said}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_request_is_printed_and_said_and_ends_with_1()
    {
        _service.Refuse("query-volumes", "nope");

        (int exitCode, string output, string said) = await _service.RunAsync("qmp", Query);

        Assert.Equal((1, "replication: nope\n"), (exitCode, said));
        Assert.Equal("{\"error\":{\"class\":\"GenericError\",\"desc\":\"nope\"}}\n", output);
    }

    [Fact]
    public async Task Commands_on_the_standard_input_are_answered_in_order_until_it_ends()
    {
        _service.On("query-volumes", "[]").On("query-version", "{'package':'x'}");

        (int exitCode, string output, string said) = await CommandRun.WithInputAsync(
            $"{Query}\n{{\"execute\":\"query-version\"}}\n", "qmp", "--qmp", _service.Address);

        Assert.Equal((0, ""), (exitCode, said));
        Assert.Equal("{\"return\":[]}\n{\"return\":{\"package\":\"x\"}}\n", output);
    }

    [Fact]
    public async Task One_refusal_among_several_is_the_exit_code_and_the_rest_is_carried_out()
    {
        _service.On("query-volumes", "[]");

        (int exitCode, string output, string said) = await CommandRun.WithInputAsync(
            $"{{\"execute\":\"nope\"}}\n{Query}\n", "qmp", "--qmp", _service.Address);

        Assert.Equal((1, "replication: The command nope has not been found\n"), (exitCode, said));
        Assert.EndsWith("{\"return\":[]}\n", output, StringComparison.Ordinal);
    }
}
