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
            .Append(new QueryCommandsCommand(() => Names))
            .ToImmutableSortedDictionary(
                static command => command.Name, static command => command, StringComparer.Ordinal);
    }

    /// <summary>All names in ordinal order, <c>qmp_capabilities</c> among them.</summary>
    public IEnumerable<string> Names =>
        _commands.Keys.Append(QmpSession.CapabilitiesCommand).Order(StringComparer.Ordinal);

    /// <summary>The command of that name, or null.</summary>
    public IQmpCommand? Find(string name) => _commands.GetValueOrDefault(name);
}
