namespace Replication.Cluster.Membership;

/// <summary>A storage node.</summary>
/// <param name="Name">Its name, by the rule of names.</param>
/// <param name="Address">Where it answers, as the transport writes addresses.</param>
public sealed record StorageNode(string Name, string Address);
