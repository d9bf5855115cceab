namespace Replication.Cluster.Records;

/// <summary>What stands in the store under a volume's name.</summary>
public abstract record VolumeLookup
{
    private VolumeLookup()
    {
    }

    /// <summary>There is a record.</summary>
    /// <param name="Entry">The record and its revision.</param>
    public sealed record Found(VolumeEntry Entry) : VolumeLookup;

    /// <summary>There is none.</summary>
    public sealed record Missing : VolumeLookup;

    /// <summary>There is something that is no record of this volume; it is for a person to look at.</summary>
    /// <param name="Name">The volume's name, as the key has it.</param>
    /// <param name="Revision">The entry's revision.</param>
    /// <param name="Reason">Which field is wrong and how.</param>
    public sealed record Unreadable(string Name, long Revision, string Reason) : VolumeLookup;
}
