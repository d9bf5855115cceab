using System.CommandLine;
using System.CommandLine.Parsing;
using Replication.Host.Configuration.Settings;

namespace Replication.Host.Commands;

/// <summary>What is wrong with a command line, in one line for each thing.</summary>
internal static class UsageErrors
{
    /// <summary>The command as it is typed: <c>replication volume create</c>.</summary>
    public static string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : "replication";

    /// <summary>
    /// The sentences. Words that nobody knows come alone: the rest would mostly be wrong because of them.
    /// </summary>
    public static IEnumerable<string> Of(ParseResult parsed)
    {
        CommandResult command = parsed.CommandResult;
        string? unknown =
            StrayOption(command) ?? (parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null);
        if (unknown is not null)
        {
            return [Unknown(unknown, command)];
        }

        return command.Command.Subcommands.Any(static sub => !sub.Hidden) && command.Command.Action is null
            ? [$"a command is missing: {Join(Names(command.Command))}"]
            : parsed.Errors.Select(Sentence).Distinct(StringComparer.Ordinal);
    }

    private static string Sentence(ParseError error) =>
        error.SymbolResult is ArgumentResult { Tokens.Count: 0, Parent: CommandResult } missing
            ? $"{missing.Argument.Name} is missing{Choice(missing.Argument)}"
            : error.Message;

    /// <summary>The words of an argument that takes one of a few, after a colon.</summary>
    private static string Choice(Argument argument) =>
        argument.HelpName is { } words && words.Contains('|') ? $": it is {Join(words.Split('|'))}" : "";

    /// <summary>
    /// An option that nobody knows, which the parser took for an argument: no argument begins with a dash.
    /// </summary>
    private static string? StrayOption(CommandResult command) => command.Children
        .OfType<ArgumentResult>()
        .SelectMany(static argument => argument.Tokens)
        .Select(static token => token.Value)
        .FirstOrDefault(static word => word.StartsWith('-'));

    private static string Unknown(string word, CommandResult command)
    {
        string path = PathOf(command);
        if (word.StartsWith('-'))
        {
            string name = word.Split('=')[0];
            return $"'{name}' is no option of {path}{Nearest(name, Options(command))}";
        }

        string[] commands = Names(command.Command);
        return commands.Length > 0
            ? $"'{word}' is no command of {path}{Nearest(word, commands)}"
            : $"'{word}' is one word too many for {path}";
    }

    private static string Nearest(string word, IEnumerable<string> known) =>
        NearestName.IfNear(word, known) is { } near ? $"; '{near}' is the nearest" : "";

    private static string[] Names(Command command) =>
        [.. command.Subcommands.Where(static sub => !sub.Hidden).Select(static sub => sub.Name)];

    private static IEnumerable<string> Options(CommandResult command)
    {
        IEnumerable<string> own = command.Command.Options.Select(static option => option.Name);
        return command.Parent is CommandResult parent ? own.Concat(Recursive(parent)) : own;
    }

    private static IEnumerable<string> Recursive(CommandResult command)
    {
        IEnumerable<string> own = command.Command.Options
            .Where(static option => option.Recursive)
            .Select(static option => option.Name);
        return command.Parent is CommandResult parent ? own.Concat(Recursive(parent)) : own;
    }

    private static string Join(string[] names) =>
        names.Length < 2 ? string.Join("", names) : $"{string.Join(", ", names[..^1])} or {names[^1]}";
}
