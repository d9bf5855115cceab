using Replication.Coordinator.Volumes;

namespace Replication.Gateway.Qmp.Blocks;

/// <summary>The nodes of a <see cref="BlockGraph"/> at one moment, by name.</summary>
/// <param name="Volumes">The quorums.</param>
/// <param name="Announced">The replicas that <c>blockdev-add</c> announced, with a quorum or without.</param>
internal sealed record BlockView(
    IReadOnlyList<VolumeStatus> Volumes, IReadOnlyDictionary<string, ReplicaNode> Announced)
{
    /// <summary>Announced replicas that no quorum has.</summary>
    public IEnumerable<ReplicaNode> Free => Announced.Values.Where(replica => !IsAttached(replica.NodeName));

    /// <summary>The quorum of that name, or null.</summary>
    public VolumeStatus? FindVolume(string name) =>
        Volumes.FirstOrDefault(volume => volume.Name == name);

    /// <summary>Whether a quorum has a replica of that name.</summary>
    public bool IsAttached(string nodeName) =>
        Volumes.Any(volume => volume.Children.Any(child => child.NodeName == nodeName));

    /// <summary>Whether there is any node of that name.</summary>
    public bool Has(string name) =>
        FindVolume(name) is not null || Announced.ContainsKey(name) || IsAttached(name);
}
