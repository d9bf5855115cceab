namespace Replication.Host.Tests.Commands;

public sealed class CompletionTests : IAsyncLifetime
{
    private readonly FakeService _service = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _service.DisposeAsync().AsTask();

    [Theory]
    [InlineData("", "demo node volume child status events qmp completion")]
    [InlineData("s", "status")]
    [InlineData("volume ", "create list show delete reopen")]
    [InlineData("--json volume re", "reopen")]
    [InlineData("child ", "list add remove")]
    [InlineData("completion ", "bash zsh fish")]
    [InlineData("volume create vm1 --d", "--digest --durability")]
    [InlineData("volume create vm1 --digest ", "xxh128 sha256")]
    [InlineData("volume create vm1 --digest s", "sha256")]
    [InlineData("volume create vm1 --digest=s", "--digest=sha256")]
    [InlineData("volume create vm1 --digest sha256 --d", "--durability")]
    [InlineData("volume create vm1 --rewrite-corrupted o", "on off")]
    [InlineData("status --", "--help --json --qmp --watch")]
    [InlineData("events --f", "--follow")]
    [InlineData("demo --on-cache-loss ", "continue refuse")]
    [InlineData("demo --nbd ", "")]
    [InlineData("demo --data ", "")]
    [InlineData("volume create ", "")]
    [InlineData("volume list ", "")]
    [InlineData("nonsense --bogus x ", "demo node volume child status events qmp completion")]
    public async Task What_can_follow_is_known_without_a_service(string line, string candidates)
    {
        Assert.Equal(candidates.Split(' ', StringSplitOptions.RemoveEmptyEntries), await CompleteAsync(line));
        Assert.Empty(_service.Asked);
    }

    [Theory]
    [InlineData("status ", "vm1 vm2")]
    [InlineData("volume delete ", "vm1 vm2")]
    [InlineData("volume show vm2", "vm2")]
    [InlineData("child add vm1 ", "node2 node3")]
    [InlineData("child add none ", "node1 node2 node3")]
    [InlineData("child remove vm1 ", "children.0 children.4")]
    [InlineData("child remove vm2 ", "children.7")]
    [InlineData("child remove none ", "")]
    [InlineData("child list vm1 ", "")]
    [InlineData("volume create a --children ", "node1 node2 node3")]
    [InlineData("volume create a --children node2,", "node2,node1 node2,node3")]
    [InlineData("volume create a --children=node2,node3", "--children=node2,node3")]
    public async Task Names_come_from_the_running_service(string line, string candidates)
    {
        _service
            .On("query-volumes", "[{'name':'vm1',"
                + "'children':[{'name':'children.0','node':'node1'},{'name':'children.4'}]},"
                + "{'name':'vm2','children':[{'name':'children.7'}]}]")
            .On("query-cluster", "{'nodes':[{'name':'node1'},{'name':'node2'},{'name':'node3'}]}");

        Assert.Equal(
            candidates.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            await CompleteAsync($"--qmp {_service.Address} {line}"));
    }

    [Fact]
    public async Task Without_a_service_there_are_no_names_and_no_word_of_it()
    {
        Assert.Equal(
            (0, "", ""), await CommandRun.RunAsync("__complete", "--qmp", "/nobody/here", "status", ""));
        Assert.Equal(
            (0, "", ""), await CommandRun.RunAsync("__complete", "--qmp", "nonsense", "status", ""));
    }

    [Theory]
    [InlineData("bash", "complete -o bashdefault -o default -F _replication replication")]
    [InlineData("zsh", "    compdef _replication replication")]
    [InlineData("fish", "complete -c replication -f -a '(__replication_candidates)'")]
    public async Task A_script_calls_this_program_by_its_path(string shell, string line)
    {
        (int exitCode, string output, string said) = await CommandRun.RunAsync("completion", shell);

        Assert.Equal((0, ""), (exitCode, said));
        Assert.Contains(output.Split('\n'), written => written == line);
        Assert.Matches("'/[^']+' __complete ", output);
        Assert.DoesNotContain("PROGRAM", output, StringComparison.Ordinal);
    }

    private static async Task<string[]> CompleteAsync(string line)
    {
        (int exitCode, string output, string said) =
            await CommandRun.RunAsync(["__complete", .. line.Split(' ')]);
        Assert.Equal((0, ""), (exitCode, said));
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
