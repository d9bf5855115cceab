namespace Replication.Host.Configuration;

/// <summary>One node: <c>nodes.NAME</c>.</summary>
internal sealed record NodeConfiguration
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary><c>roles</c>: at least one.</summary>
    public IReadOnlyList<NodeRole> Roles { get; init; } = [NodeRole.Storage];

    /// <summary><c>listen</c>: where its storage answers the others; null for a gateway alone.</summary>
    public string? Listen { get; init; }

    /// <summary><c>data</c>: its folder.</summary>
    public required string Data { get; init; }

    /// <summary><c>log</c>: the file of its log.</summary>
    public string? Log { get; init; }

    /// <summary><c>http</c>: its HTTP address, where it is another than <c>http.listen</c>.</summary>
    public HttpChoice? Http { get; init; }

    /// <summary>Whether it has a role.</summary>
    public bool Is(NodeRole role) => Roles.Contains(role);
}
