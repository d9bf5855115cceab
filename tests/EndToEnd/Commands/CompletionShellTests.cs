using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Commands;

/// <summary>
/// What zsh and fish offer by the scripts that the program prints, in the real shells.
/// </summary>
public sealed class CompletionShellTests
{
    /// <summary>
    /// A zsh on a terminal of its own, where a tabulator completes the line and what is offered goes to a
    /// file. Arguments: the lines that load the completion, the line to complete, the file.
    /// </summary>
    private const string ZshSession =
        """
        zmodload zsh/zpty
        zpty shell env TERM=dumb zsh -f -i
        await() { while zpty -r shell seen; do [[ $seen == *$1* ]] && return; done; exit 1 }
        zpty -w shell "PS1=; offered=${(q)3}; stty columns 1000; $1"
        zpty -w shell 'compadd() {
            [[ -n ${argv[(r)-[OAD]]} ]] && { builtin compadd "$@"; return }
            local -a matching
            builtin compadd -O matching "$@"
            print -rl -- "${matching[@]}" >>$offered
            builtin compadd "$@"
        }'
        zpty -w shell 'complete-and-say() { _main_complete; print "IT IS""DONE"; compstate[insert]= }'
        zpty -w shell 'zle -C complete-and-say complete-word complete-and-say'
        zpty -w shell 'bindkey "^I" complete-and-say; print "IT IS""READY"'
        await 'IT ISREADY'
        zpty -n -w shell "$2"$'\t'
        await 'IT ISDONE'
        zpty -d shell
        """;

    private const string Compinit = "autoload -Uz compinit; compinit -u -D";

    [Theory]
    [InlineData("replication vol", "volume")]
    [InlineData("replication completion ", "bash fish zsh")]
    [InlineData("replication volume create x --read-pattern ", "fifo quorum")]
    [InlineData("replication volume create x --read-pattern=fi", "--read-pattern=fifo")]
    [InlineData("replication events --f", "--follow")]
    public void Both_shells_offer_what_the_program_knows(string line, string candidates)
    {
        using var scratch = new Scratch();

        Assert.Equal(candidates.Split(' '), InFish(scratch, line));
        Assert.Equal(candidates.Split(' '), InZsh(scratch, line));
    }

    [Theory]
    [InlineData("replication node --config ", "")]
    [InlineData("replication node --config=", "--config=")]
    public void Both_shells_offer_files_where_the_program_knows_nothing(string line, string inFish)
    {
        using var scratch = new Scratch();
        var path = scratch.File("wanted.conf");
        File.WriteAllText(path, "");

        Assert.Equal([inFish + path], InFish(scratch, line + path[..^3]));
        Assert.Equal(["wanted.conf"], InZsh(scratch, line + path[..^3]).Select(Path.GetFileName));
    }

    [Fact]
    public void The_first_completion_works_where_compinit_finds_the_script_in_fpath()
    {
        using var scratch = new Scratch();
        var folder = scratch.File("functions");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "_replication"), Script("zsh"));

        Assert.Equal(
            ["volume"], InZsh(scratch, "replication vol", $"fpath=('{folder}' $fpath); {Compinit}"));
    }

    private static string Script(string shell) =>
        DemoProcess.Replication("completion", shell).Succeeded().Output;

    private static string[] InFish(Scratch scratch, string line)
    {
        var script = scratch.File("completion.fish");
        File.WriteAllText(script, Script("fish"));
        return Lines(Tool.Run(
            "fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", script, line)
            .Succeeded().Output);
    }

    private static string[] InZsh(Scratch scratch, string line)
    {
        var script = scratch.File("completion.zsh");
        File.WriteAllText(script, Script("zsh"));
        return InZsh(scratch, line, $"{Compinit}; source '{script}'");
    }

    private static string[] InZsh(Scratch scratch, string line, string load)
    {
        var offered = scratch.File("offered");
        File.WriteAllText(offered, "");
        Tool.Run("zsh", "-f", "-c", ZshSession, "zsh", load, line, offered).Succeeded();
        return Lines(File.ReadAllText(offered));
    }

    private static string[] Lines(string text) =>
    [
        .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static offered => offered.Split('\t')[0])
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];
}
