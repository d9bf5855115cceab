using System.CommandLine;
using Replication.Gateway.Listening;
using Replication.Host.Options;

namespace Replication.Host.Commands.Completion;

/// <summary>
/// What the word that is being typed could become. Nothing where only the shell knows, as with files.
/// </summary>
internal sealed class Candidates(RootCommand root, CommandScope scope)
{
    /// <summary>The candidates that begin as the last word does, in their order.</summary>
    /// <param name="words">What was typed after the program's name; the last word may be empty.</param>
    /// <param name="cancellation">Stops asking the service.</param>
    public async Task<IReadOnlyList<string>> OfAsync(
        IReadOnlyList<string> words, CancellationToken cancellation)
    {
        TypedWords typed = TypedWords.Read(root, words.SkipLast(1));
        string last = words.Count == 0 ? "" : words[^1];
        if (typed.Pending is { } pending)
        {
            return Beginning(last, await ValuesAsync(pending, pending.HelpName, last, typed, cancellation));
        }

        if (last.StartsWith('-'))
        {
            return last.Contains('=')
                ? await AfterEqualsAsync(last, typed, cancellation)
                : Beginning(last, OptionNames(typed));
        }

        string[] commands =
            [.. typed.Command.Subcommands.Where(static sub => !sub.Hidden).Select(static sub => sub.Name)];
        return commands.Length > 0 ? Beginning(last, commands)
            : typed.Command.Arguments.ElementAtOrDefault(typed.Arguments.Count) is { } argument
                ? Beginning(
                    last, await ValuesAsync(argument, argument.HelpName, last, typed, cancellation))
                : [];
    }

    private static List<string> Beginning(string start, IEnumerable<string> candidates) =>
        [.. candidates.Where(candidate => candidate.StartsWith(start, StringComparison.Ordinal))];

    private static IEnumerable<string> OptionNames(TypedWords typed) => typed.Options()
        .Where(option => !option.Hidden && (option.AllowMultipleArgumentsPerToken
            || option.Arity.MaximumNumberOfValues > 1 || !typed.Given.Contains(option)))
        .Select(static option => option.Name)
        .Where(static name => name.StartsWith("--", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private async Task<IReadOnlyList<string>> AfterEqualsAsync(
        string word, TypedWords typed, CancellationToken cancellation)
    {
        string[] parts = word.Split('=', 2);
        if (typed.FindOption(parts[0]) is not { } option)
        {
            return [];
        }

        IEnumerable<string> values = await ValuesAsync(
            option, option.HelpName, parts[1], typed, cancellation);
        return Beginning(word, values.Select(value => $"{parts[0]}={value}"));
    }

    private async Task<IEnumerable<string>> ValuesAsync(
        Symbol symbol, string? helpName, string start, TypedWords typed, CancellationToken cancellation)
    {
        if (!scope.Names.TryGetValue(symbol, out NameKind kind))
        {
            return WordsOf(helpName);
        }

        ServiceNames names = new(Service(typed), cancellation);
        return kind switch
        {
            NameKind.Volume => await names.VolumesAsync(),
            NameKind.FreeNode => await names.FreeNodesAsync(typed.Arguments[0]),
            NameKind.NodeList => ListsOf(await names.NodesAsync(), start),
            NameKind.Child => await names.ChildrenAsync(typed.Arguments[0]),
            _ => throw new InvalidOperationException($"{symbol.Name} is completed by no kind of name"),
        };
    }

    /// <summary>
    /// The words that the help offers, as in <c>on|off</c>; in upper case it says what else is expected.
    /// </summary>
    private static string[] WordsOf(string? helpName) =>
        helpName is not null && helpName.Contains('|') && !helpName.Any(char.IsAsciiLetterUpper)
            ? helpName.Split('|')
            : [];

    /// <summary>The list as it is, with each node that is not in it yet in the last place.</summary>
    private static IEnumerable<string> ListsOf(IEnumerable<string> nodes, string start)
    {
        int end = start.LastIndexOf(',') + 1;
        string[] before = start[..end].Split(',', StringSplitOptions.RemoveEmptyEntries);
        return nodes.Except(before).Select(node => start[..end] + node);
    }

    /// <summary>Where the service is that the command line talks of; null when that cannot be told.</summary>
    private ListenAddress? Service(TypedWords typed)
    {
        string text = typed.ValueOf(scope.Global.Qmp)?.Trim('\'', '"') ?? GlobalOptions.ServiceText();
        return OptionParsers.TryParseAddress(text, out ListenAddress? address, out _) ? address : null;
    }
}
