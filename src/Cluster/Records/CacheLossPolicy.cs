namespace Replication.Cluster.Records;

/// <summary>What a volume does when every memory of unflushed writes was lost (P12, case c).</summary>
public enum CacheLossPolicy
{
    /// <summary>It reconciles what was hot and opens again.</summary>
    Continue,

    /// <summary>It stays closed until an administrator agrees.</summary>
    Refuse,
}
