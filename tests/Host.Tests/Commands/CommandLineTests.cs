using System.Text.Json;
namespace Replication.Host.Tests.Commands;

public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--size", "1GB", "--size: '1GB' could mean powers of 1000 or of 1024")]
    [InlineData(
        "--size", "1000",
        "--size: 1000 is not a multiple of 512\n")]
    [InlineData(
        "--size", "0", "--size: a volume has at least 512 bytes and at most 64TiB, not 0\n")]
    [InlineData("--size", "1.001K", "--size: '1.001K' is not a whole number of bytes\n")]
    [InlineData("--size", "1.25K", "--size: 1.25K is 1280 bytes, which is not a multiple of 512\n")]
    [InlineData("--nodes", "0", "--nodes: '0' is not a whole number from 1 to 16")]
    [InlineData("--nodes", "17", "--nodes: '17' is not a whole number from 1 to 16")]
    [InlineData("--nodes", "three", "--nodes: 'three' is not a whole number from 1 to 16")]
    [InlineData("--threshold", "0", "--threshold: '0' is not a whole number from 1 to 16")]
    [InlineData("--volume", "No/Slash", "--volume: a name starts with a-z or 0-9, 'No/Slash' does not")]
    [InlineData("--rewrite-corrupted", "yes", "--rewrite-corrupted: it is on or off, not 'yes'")]
    [InlineData("--digest", "md5", "--digest: it is xxh128 or sha256, not 'md5'")]
    [InlineData("--durability", "never", "--durability: it is flush or write, not 'never'")]
    [InlineData("--on-cache-loss", "x", "--on-cache-loss: it is continue or refuse, not 'x'")]
    [InlineData("--nbd", "0.0.0.0:10809", "--nbd: 0.0.0.0:10809 can be reached from other machines")]
    [InlineData("--nbd", "10809", "--nbd: '10809' is neither HOST:PORT nor unix:PATH")]
    [InlineData("--qmp", "unix:", "--qmp: unix: wants a path, as in unix:")]
    [InlineData("--bogus", "1", "'--bogus' is no option of replication demo\n")]
    public async Task A_wrong_option_is_one_sentence_and_nothing_is_done(
        string option, string value, string error)
    {
        string data = _folder.File("data");

        (int exitCode, string output, string said) =
            await CommandRun.RunAsync("demo", "--data", data, option, value);

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.StartsWith($"replication: {error}", said, StringComparison.Ordinal);
        Assert.EndsWith("Try 'replication demo --help'.\n", said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task A_folder_without_a_name_is_a_usage_error()
    {
        (int exitCode, _, string said) = await CommandRun.RunAsync("demo", "--data", "");

        Assert.Equal(2, exitCode);
        Assert.StartsWith("replication: --data: a folder has a name\n", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replication demo")]
    [InlineData("replication demo --data", "demo")]
    [InlineData("replication node --config", "node")]
    [InlineData("replication status vm1 --watch", "status")]
    [InlineData("replication events --follow", "events")]
    [InlineData("replication volume create", "volume")]
    [InlineData("replication volume create vm1 --size 10GiB", "volume", "create")]
    [InlineData("replication volume list", "volume", "list")]
    [InlineData("replication volume show vm1", "volume", "show")]
    [InlineData("replication volume delete vm1 --yes", "volume", "delete")]
    [InlineData("replication volume reopen vm1", "volume", "reopen")]
    [InlineData("replication child add", "child")]
    [InlineData("replication child list vm1", "child", "list")]
    [InlineData("replication child add vm1 node4", "child", "add")]
    [InlineData("replication child remove vm1", "child", "remove")]
    [InlineData("replication qmp \"{'execute':'query-volumes'}\"", "qmp")]
    [InlineData("source <(replication completion bash)", "completion")]
    public async Task Help_ends_with_an_example(string example, params string[] command)
    {
        (int exitCode, string output, string said) = await CommandRun.RunAsync([.. command, "--help"]);

        Assert.Equal(0, exitCode);
        Assert.Empty(said);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int title = Array.IndexOf(lines, "Example:");
        Assert.StartsWith($"  {example}", lines[title + 1], StringComparison.Ordinal);
        Assert.All(
            lines[(title + 1)..], static line => Assert.StartsWith("  ", line, StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', output);
    }

    [Theory]
    [InlineData("volume")]
    [InlineData("qmp")]
    public async Task Help_says_how_to_get_a_read_only_export_in_JSON_that_can_be_pasted(string command)
    {
        (_, string output, _) = await CommandRun.RunAsync(command, "--help");

        string line = Assert.Single(output.Split('\n'), static line => line.Contains("block-export-add"));
        string json = line.Split('"')[1].Replace('\'', '"');
        using JsonDocument request = JsonDocument.Parse(json);
        Assert.False(request.RootElement.GetProperty("arguments").GetProperty("writable").GetBoolean());
    }

    [Fact]
    public async Task Completion_wants_a_shell_and_its_help_shows_that()
    {
        (_, string output, _) = await CommandRun.RunAsync("completion", "--help");

        Assert.Contains(" completion <SHELL> [options]", output, StringComparison.Ordinal);
        Assert.Contains("<bash|zsh|fish>", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("status", "--watch")]
    [InlineData("events")]
    [InlineData("qmp")]
    [InlineData("qmp", "{}")]
    [InlineData("volume", "list")]
    [InlineData("volume", "create", "vm1", "--size", "1G")]
    [InlineData("child", "add", "vm1", "node1")]
    public async Task A_service_that_is_not_there_is_one_sentence(params string[] command)
    {
        (int exitCode, string output, string said) =
            await CommandRun.RunAsync([.. command, "--qmp", $"unix:{_folder.File("nobody")}"]);

        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("replication: nobody answers on unix:", said, StringComparison.Ordinal);
        Assert.Contains("is the service running?", said, StringComparison.Ordinal);
        Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("", "a command is missing: demo, node, volume, child, status, events, qmp or completion", "")]
    [InlineData("volume", "a command is missing: create, list, show, delete or reopen", " volume")]
    [InlineData("dem", "'dem' is no command of replication; 'demo' is the nearest", "")]
    [InlineData("stats vm1", "'stats' is no command of replication; 'status' is the nearest", "")]
    [InlineData(
        "volume creat vm1", "'creat' is no command of replication volume; 'create' is the nearest",
        " volume")]
    [InlineData("status a b", "'b' is one word too many for replication status", " status")]
    [InlineData(
        "volume list --jsn=1", "'--jsn' is no option of replication volume list; '--json' is the nearest",
        " volume list")]
    [InlineData(
        "child list --qpm x", "'--qpm' is no option of replication child list; '--qmp' is the nearest",
        " child list")]
    [InlineData("volume show", "NAME is missing", " volume show")]
    [InlineData("child add vm1", "NODE is missing", " child add")]
    [InlineData("volume create vm1", "Option '--size' is required.", " volume create")]
    [InlineData(
        "volume create Vm1 --size 1G", "NAME: a name starts with a-z or 0-9, 'Vm1' does not",
        " volume create")]
    [InlineData(
        "volume create a --size 1G --children a,,b", "--children: a name has at least one character; "
            + "names are parted by commas alone", " volume create")]
    [InlineData(
        "volume create a --size 1G --read-pattern rr", "--read-pattern: it is quorum or fifo, not 'rr'",
        " volume create")]
    [InlineData(
        "volume create a --size 1G --blkverify --read-pattern fifo",
        "--blkverify compares two children at each read, and --read-pattern fifo asks one: "
            + "leave one of them out", " volume create")]
    [InlineData("volume delete v --read-only", "'--read-only' is no option of replication volume delete",
        " volume delete")]
    [InlineData("volume create v --read-only", "'--read-only' is no option of replication volume create",
        " volume create")]
    [InlineData("xyzzy", "'xyzzy' is no command of replication", "")]
    [InlineData("completion", "SHELL is missing: it is bash, zsh or fish", " completion")]
    [InlineData("completion tcsh", "SHELL: it is bash or zsh or fish, not 'tcsh'", " completion")]
    public async Task A_command_line_that_cannot_be_read_is_one_line_with_what_was_probably_meant(
        string line, string error, string path)
    {
        (int exitCode, string output, string said) =
            await CommandRun.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.Equal($"replication: {error}\nTry 'replication{path} --help'.\n", said);
    }
}
