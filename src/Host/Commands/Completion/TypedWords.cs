using System.CommandLine;

namespace Replication.Host.Commands.Completion;

/// <summary>
/// A command line that is being typed, read word by word as far as it is there. Unlike the parser it takes
/// what is wrong or missing as it is.
/// </summary>
internal sealed class TypedWords
{
    private readonly Dictionary<Option, string> _given = [];
    private readonly List<string> _arguments = [];

    private TypedWords(Command root) => Command = root;

    /// <summary>The innermost command.</summary>
    public Command Command { get; private set; }

    /// <summary>The option whose value comes next; null when none does.</summary>
    public Option? Pending { get; private set; }

    /// <summary>The arguments of the command so far.</summary>
    public IReadOnlyList<string> Arguments => _arguments;

    /// <summary>The options so far.</summary>
    public IEnumerable<Option> Given => _given.Keys;

    /// <summary>Reads all words that are complete.</summary>
    public static TypedWords Read(RootCommand root, IEnumerable<string> words)
    {
        TypedWords typed = new(root);
        foreach (string word in words)
        {
            typed.Take(word);
        }

        return typed;
    }

    /// <summary>The value of an option; null when it was not given.</summary>
    public string? ValueOf(Option option) => _given.GetValueOrDefault(option);

    /// <summary>The options that the command takes, those of all commands among them.</summary>
    public IEnumerable<Option> Options() => Command.Options.Concat(
        Command.Parents.OfType<Command>().SelectMany(Above).Where(static option => option.Recursive));

    /// <summary>The option of a name; null when there is none.</summary>
    public Option? FindOption(string name) =>
        Options().FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name));

    private static IEnumerable<Option> Above(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(Above));

    private void Take(string word)
    {
        if (Pending is { } pending)
        {
            _given[pending] = word;
            Pending = null;
        }
        else if (word.StartsWith('-'))
        {
            TakeOption(word);
        }
        else if (_arguments.Count == 0
            && Command.Subcommands.FirstOrDefault(sub => sub.Name == word) is { } sub)
        {
            Command = sub;
        }
        else
        {
            _arguments.Add(word);
        }
    }

    private void TakeOption(string word)
    {
        string[] parts = word.Split('=', 2);
        if (FindOption(parts[0]) is not { } option)
        {
            return;
        }

        _given[option] = parts.Length == 2 ? parts[1] : "";
        Pending = parts.Length == 1 && TakesValue(option) ? option : null;
    }

    /// <summary>True for options that are followed by a word of their own.</summary>
    private static bool TakesValue(Option option) =>
        option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues > 0;
}
