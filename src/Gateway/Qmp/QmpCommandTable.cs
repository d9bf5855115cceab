using System.Collections.Immutable;
using Replication.Gateway.Qmp.Commands;

namespace Replication.Gateway.Qmp;

/// <summary>
/// The commands of a server by name. <c>qmp_capabilities</c> is the session's own and is only listed here.
/// </summary>
public sealed class QmpCommandTable
{
    private readonly ImmutableSortedDictionary<string, IQmpCommand> _commands;

    /// <summary>A table of these commands and <c>query-commands</c>; two of one name throw.</summary>
    public QmpCommandTable(IEnumerable<IQmpCommand> commands)
    {
        _commands = commands
            .Append(new QueryCommandsCommand(() => All))
            .ToImmutableSortedDictionary(
                static command => command.Name, static command => command, StringComparer.Ordinal);
    }

    /// <summary>All of them in ordinal order, <c>qmp_capabilities</c> included.</summary>
    public IEnumerable<(string Name, bool IsUnstable)> All => _commands.Values
        .Select(static command => (command.Name, command.IsUnstable))
        .Append((QmpSession.CapabilitiesCommand, false))
        .OrderBy(static command => command.Item1, StringComparer.Ordinal);

    /// <summary>The command of that name, or null.</summary>
    public IQmpCommand? Find(string name) => _commands.GetValueOrDefault(name);
}
