namespace Replication.Cluster.Records;

/// <summary>How a volume is offered to NBD clients; it outlives restarts of the gateway.</summary>
/// <param name="Id">An administrator's name for it, unique within a gateway (QMP: <c>id</c>).</param>
/// <param name="Name">What clients ask for; 1 to 2,048 bytes of UTF-8, unique within a gateway.</param>
/// <param name="Writable">False: whatever would change the volume is refused with EPERM.</param>
/// <param name="Description">For people, in lists; at most 2,048 bytes of UTF-8, may be empty.</param>
public sealed record VolumeExport(string Id, string Name, bool Writable, string Description)
{
    /// <summary>The export that a volume has under its own name from its creation.</summary>
    public static VolumeExport OwnOf(string volumeName) => new(volumeName, volumeName, Writable: true, "");
}
