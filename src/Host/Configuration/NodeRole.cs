namespace Replication.Host.Configuration;

/// <summary>What a node is for.</summary>
internal enum NodeRole
{
    /// <summary>It keeps replicas.</summary>
    Storage,

    /// <summary>It serves volumes to clients, and keeps their records.</summary>
    Gateway,
}
