using System.CommandLine;
using Replication.Host.Options;

namespace Replication.Host.Commands.Completion;

/// <summary>
/// <c>completion</c>: prints a script by which a shell completes command lines. The script asks this program,
/// which knows its commands and can ask the service for names.
/// </summary>
internal static class CompletionCommand
{
    /// <summary>
    /// What a shell calls with the words that are typed, the last of them unfinished. It is no command of the
    /// parser's: the words are taken as they are.
    /// </summary>
    public const string WordsCommand = "__complete";

    /// <summary>The command for the command line.</summary>
    public static Command Create(CommandScope scope)
    {
        Argument<Shell?> shell = new("SHELL")
        {
            HelpName = "bash|zsh|fish",
            Description = "The shell that the script is for",
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = OptionParsers.Word<Shell>,
        };
        Command command = new("completion", "Prints a script that completes command lines in a shell");
        command.Add(shell);
        command.SetAction(parsed =>
        {
            Shell wanted = parsed.GetValue(shell)
                ?? throw new InvalidOperationException("SHELL was parsed without a value");
            scope.Output.Out.Write(CompletionScripts.Of(wanted));
            return ExitCode.Success;
        });
        return scope.WithExample(command, "source <(replication completion bash)");
    }

    /// <summary>Prints what the last word could become, one candidate a line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> PrintCandidatesAsync(
        RootCommand root, CommandScope scope, IReadOnlyList<string> words, CancellationToken cancellation)
    {
        foreach (string candidate in await new Candidates(root, scope).OfAsync(words, cancellation))
        {
            scope.Output.Out.WriteLine(candidate);
        }

        return ExitCode.Success;
    }
}
