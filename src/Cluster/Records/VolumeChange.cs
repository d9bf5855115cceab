namespace Replication.Cluster.Records;

/// <summary>The known outcomes of a change in the store; an unknown one is an exception (P3).</summary>
public abstract record VolumeChange
{
    private VolumeChange()
    {
    }

    /// <summary>The record stands and is durable.</summary>
    /// <param name="Entry">The record as written, with its new revision.</param>
    public sealed record Written(VolumeEntry Entry) : VolumeChange;

    /// <summary>The record is gone, durably.</summary>
    public sealed record Deleted : VolumeChange;

    /// <summary>Somebody changed it first; nothing was written, and will not be.</summary>
    /// <param name="Current">What stands there now.</param>
    public sealed record Conflicted(VolumeLookup Current) : VolumeChange;
}
