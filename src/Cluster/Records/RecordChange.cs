namespace Replication.Cluster.Records;

/// <summary>Whether a change of a record may be made. Nothing is stored by it.</summary>
public abstract record RecordChange
{
    private RecordChange()
    {
    }

    /// <summary>The change is allowed.</summary>
    /// <param name="Record">The record as it would be, its serial one higher.</param>
    public sealed record Allowed(VolumeRecord Record) : RecordChange;

    /// <summary>The change is not allowed (I6, or it makes no sense).</summary>
    /// <param name="Reason">Why, as a sentence for whoever asked.</param>
    public sealed record Refused(string Reason) : RecordChange;
}
