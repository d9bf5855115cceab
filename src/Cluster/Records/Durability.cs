namespace Replication.Cluster.Records;

/// <summary>When a volume's writes survive the loss of power.</summary>
public enum Durability
{
    /// <summary>Once a flush after them was answered, as with any disk that has a cache.</summary>
    Flush,

    /// <summary>Once they are answered: each is synced before.</summary>
    Write,
}
