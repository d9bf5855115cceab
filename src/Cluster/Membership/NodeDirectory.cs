using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Replication.Cluster.Records;

namespace Replication.Cluster.Membership;

/// <summary>
/// The storage nodes there are and where they answer: a fixed list in the order it was given, which is the
/// order new volumes are placed in. Immutable, so any thread may read it.
/// </summary>
public sealed class NodeDirectory
{
    private readonly Dictionary<string, string> _addresses = new(StringComparer.Ordinal);

    /// <summary>
    /// Takes over the list. Throws <see cref="ArgumentException"/> for a name that breaks
    /// <see cref="NameRule"/> or is there twice, and for an empty address.
    /// </summary>
    public NodeDirectory(IEnumerable<StorageNode> nodes)
    {
        Nodes = [.. nodes];
        foreach (StorageNode node in Nodes)
        {
            if (NameRule.Error(node.Name) is { } error)
            {
                throw new ArgumentException($"node '{node.Name}': {error}", nameof(nodes));
            }

            if (string.IsNullOrWhiteSpace(node.Address))
            {
                throw new ArgumentException($"node {node.Name} has no address", nameof(nodes));
            }

            if (!_addresses.TryAdd(node.Name, node.Address))
            {
                throw new ArgumentException($"node {node.Name} is there twice", nameof(nodes));
            }
        }
    }

    /// <summary>The nodes in their order.</summary>
    public ImmutableArray<StorageNode> Nodes { get; }

    /// <summary>
    /// Where a node answers, as the transport writes addresses; false: there is no such node.
    /// </summary>
    public bool TryGetAddress(string name, [NotNullWhen(true)] out string? address) =>
        _addresses.TryGetValue(name, out address);
}
