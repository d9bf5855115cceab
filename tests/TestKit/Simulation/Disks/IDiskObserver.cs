using Replication.Actors.Disk;

namespace Replication.TestKit.Simulation.Disks;

/// <summary>Sees the operations of a simulated disk, on the thread that pumps the world.</summary>
public interface IDiskObserver
{
    /// <summary>An operation begins; it has done nothing yet.</summary>
    void OnSubmitted(string path, DiskOperation operation);

    /// <summary>
    /// An operation has taken effect or failed; its owner is told next. One that a crash cuts short does not
    /// end.
    /// </summary>
    void OnEnded(string path, DiskOperation operation);
}
