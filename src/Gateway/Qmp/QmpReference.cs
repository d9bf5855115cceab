namespace Replication.Gateway.Qmp;

/// <summary>Where a list takes a node by name or described on the spot: exactly one of both.</summary>
/// <param name="Name">The node's name; null for a description.</param>
/// <param name="Inline">The description; null for a name.</param>
public sealed record QmpReference(string? Name, QmpArguments? Inline);
