namespace Replication.Actors.Disk;

/// <summary>
/// The seam for a storage node's folder of files. Paths are relative, with '/' between names. Every call ends
/// by the owner being told a <see cref="DiskFileOpened"/> or <see cref="DiskFolderListed"/>; none blocks.
/// </summary>
public interface IDisk
{
    /// <summary>
    /// Opens or creates a file under an exclusive lock that lasts until the device is disposed. What an
    /// earlier failed sync left in the page cache, readable but not on the disk and never to get there, is
    /// dropped: reads tell what the disk has, or will have after the next sync.
    /// </summary>
    /// <param name="path">Where, such as <c>volumes/demo/data.raw</c>; folders are made when
    /// creating.</param>
    /// <param name="mode">Whether it must exist, must not, or may.</param>
    /// <param name="lengthBytes">The length a file gets when it is created (sparse); ignored
    /// otherwise.</param>
    /// <param name="owner">Who is told <see cref="DiskFileOpened"/>.</param>
    void Open(string path, DiskOpenMode mode, long lengthBytes, IActorRef owner);

    /// <summary>Names of the entries of a folder, in ordinal order; empty when it does not exist.</summary>
    void List(string path, IActorRef owner);

    /// <summary>Moves a file or folder, durably. The owner is told <see cref="DiskEntryMoved"/>.</summary>
    void Move(string from, string to, IActorRef owner);
}
