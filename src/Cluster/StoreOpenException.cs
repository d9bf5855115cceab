namespace Replication.Cluster;

/// <summary>
/// A store could not be opened: its folder is in use, or its journal is damaged in a way that no crash
/// explains. Nothing was changed. A damaged journal is for a person to look at; the volumes' records are also
/// in the replicas' sidecars (P4).
/// </summary>
public sealed class StoreOpenException : Exception
{
    /// <summary>Says what stands in the way.</summary>
    public StoreOpenException(string message)
        : base(message)
    {
    }

    /// <summary>Says what stands in the way, with the failure beneath it.</summary>
    public StoreOpenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Says what is wrong with a journal, and at which byte of its file.</summary>
    public StoreOpenException(string message, long offset)
        : base(message) => Offset = offset;

    /// <summary>
    /// Where in the journal the damage is, in bytes from its start; null for other reasons.
    /// </summary>
    public long? Offset { get; }
}
