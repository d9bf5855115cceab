namespace Replication.Cluster.Records;

/// <summary>How a volume's reads are answered, as in QEMU's quorum.</summary>
public enum ReadPattern
{
    /// <summary>By a vote of the Synced children.</summary>
    Quorum,

    /// <summary>By the first child, in order, that does not fail.</summary>
    Fifo,
}
