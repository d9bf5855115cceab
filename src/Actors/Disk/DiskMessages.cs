namespace Replication.Actors.Disk;

/// <summary>
/// The end of <see cref="IDisk.Open"/>: a device that now belongs to whoever is told, or an errno.
/// </summary>
/// <param name="Path">As asked for.</param>
/// <param name="Device">Null on failure.</param>
/// <param name="Created">True when the file did not exist before.</param>
/// <param name="Errno">0, or why not: EAGAIN (11) when another process holds the lock.</param>
public sealed record DiskFileOpened(string Path, IBlockDevice? Device, bool Created, int Errno);

/// <summary>The end of <see cref="IDisk.List"/>.</summary>
public sealed record DiskFolderListed(string Path, IReadOnlyList<string> Names, int Errno);

/// <summary>The end of <see cref="IDisk.Move"/>.</summary>
public sealed record DiskEntryMoved(string From, string To, int Errno);
