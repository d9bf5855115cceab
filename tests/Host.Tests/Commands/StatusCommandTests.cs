using System.Text.Json.Nodes;
using Replication.Host.Tests.Output;

namespace Replication.Host.Tests.Commands;

public sealed class StatusCommandTests : IAsyncLifetime
{
    private readonly FakeService _service = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _service.DisposeAsync().AsTask();

    [Fact]
    public async Task One_volume_alone_is_asked_for_by_its_name()
    {
        _service.On("query-volumes", Healthy);

        (int exitCode, string output, _) = await _service.RunAsync("status", "demo");

        Assert.Equal(0, exitCode);
        Assert.StartsWith("demo is healthy.\n", output, StringComparison.Ordinal);
        Assert.Equal(["query-volumes {'name':'demo'}"], _service.Asked);
    }

    [Fact]
    public async Task A_volume_that_is_not_there_is_the_services_own_text()
    {
        _service.Refuse("query-volumes", "Cannot find device='x' nor node-name='x'");

        Assert.Equal(
            (1, "", "replication: Cannot find device='x' nor node-name='x'\n"),
            await _service.RunAsync("status", "x"));
    }

    [Fact]
    public async Task Watch_tells_a_pipe_what_changes_line_by_line()
    {
        bool isStale = false;
        _service.On("query-volumes", _ => Volatile.Read(ref isStale) ? Degraded() : Healthy(default));
        await using CommandRun run = CommandRun.Start("status", "--watch", "--qmp", _service.Address);
        await run.Out.LineAsync(static line => line.EndsWith("  demo is healthy.", Ordinal));

        Volatile.Write(ref isStale, true);
        await run.Out.LineAsync(
            static line => line.EndsWith("  demo is degraded: why. It serves all requests.", Ordinal));
        await run.Out.LineAsync(
            static line => line.Contains("  demo-node2 (children.1) is stale", Ordinal));

        Assert.Equal(0, await run.StopAsync());
        Assert.Single(run.Out.Lines, static line => line.Contains("is healthy", Ordinal));
        Assert.All(
            run.Out.Lines,
            static line => Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  [^|]+$", line));
    }

    [Fact]
    public async Task Watch_as_json_is_a_line_for_each_look_that_differs()
    {
        bool isStale = false;
        _service.On("query-volumes", _ => Volatile.Read(ref isStale) ? Degraded() : Healthy(default));
        await using CommandRun run = CommandRun.Start(
            "status", "--watch", "--json", "--qmp", _service.Address);
        await run.Out.LineAsync(static line => line.StartsWith("[{", Ordinal));
        while (_service.Asked.Length < 3)
        {
            await Task.Yield();
        }

        Volatile.Write(ref isStale, true);
        await run.Out.LineAsync(static line => line.Contains("degraded", Ordinal));

        Assert.Equal(2, run.Out.Lines.Length);
    }

    [Fact]
    public async Task Watch_redraws_a_terminal()
    {
        _service.On("query-volumes", Healthy);
        await using CommandRun run = CommandRun.AtTerminal("status", "--watch", "--qmp", _service.Address);
        await run.Out.LineAsync(static line => line.Contains("demo is healthy.", Ordinal));
        await run.Out.LineAsync(static line => line.Contains("children.2", Ordinal));

        Assert.Equal(0, await run.StopAsync());
        Assert.StartsWith("\u001b[H\u001b[J", run.Out.Text, Ordinal);
    }

    [Fact]
    public async Task Watch_ends_with_1_when_the_service_does()
    {
        FakeService passing = new();
        passing.On("query-volumes", Healthy);
        await using CommandRun run = CommandRun.Start("status", "--watch", "--qmp", passing.Address);
        await run.Out.LineAsync(static line => line.Contains("healthy", Ordinal));

        await passing.DisposeAsync();

        Assert.Equal(1, await run.ExitCode.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.EndsWith(
            ": its process was stopped or killed. 'status --watch' ends with it; start it again once the "
                + "service is back\n",
            run.Error.Text,
            Ordinal);
        Assert.Single(run.Error.Lines);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static JsonArray Healthy(System.Text.Json.JsonElement arguments) =>
        [VolumeSentencesTests.Volume()];

    private static JsonArray Degraded()
    {
        JsonObject volume = VolumeSentencesTests.With(
            VolumeSentencesTests.Volume(), "condition", "'degraded'");
        VolumeSentencesTests.Set(volume, 1, "'state':'stale','link':'out'");
        return [VolumeSentencesTests.With(volume, "reason", "'why'")];
    }
}
