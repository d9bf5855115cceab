using System.Globalization;

namespace Replication.Cluster.Records;

/// <summary>A child of a volume: a slot whose name is never reused, and the replica that fills it.</summary>
/// <param name="Index">
/// N of the name <c>children.N</c>: from 0, given in order of addition, never reused.
/// </param>
/// <param name="Node">The storage node that keeps the replica; no other child of the volume is there.</param>
/// <param name="ReplicaId">The replica's own id, which its sidecar carries too.</param>
/// <param name="State">What the record says of the child.</param>
public sealed record VolumeChild(int Index, string Node, Guid ReplicaId, ChildState State)
{
    private const string NamePrefix = "children.";

    /// <summary>The node-name that the replica was given; null: <see cref="UsualNodeName"/>.</summary>
    public string? GivenNodeName { get; init; }

    /// <summary>QEMU's name of the child, <c>children.N</c>.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{NamePrefix}{Index}");

    /// <summary>The replica's node-name, as events and commands have it.</summary>
    public string NodeNameIn(string volumeName) => GivenNodeName ?? UsualNodeName(volumeName, Node);

    /// <summary>The node-name of a volume's replica that was given none: <c>VOLUME-NODE</c>.</summary>
    public static string UsualNodeName(string volumeName, string node) => $"{volumeName}-{node}";

    /// <summary>The index in a name, which must be written as <see cref="Name"/> writes it.</summary>
    public static bool TryParseName(string name, out int index)
    {
        index = 0;
        return name.StartsWith(NamePrefix, StringComparison.Ordinal)
            && int.TryParse(
                name.AsSpan(NamePrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out index)
            && (name[NamePrefix.Length] != '0' || name.Length == NamePrefix.Length + 1);
    }
}
