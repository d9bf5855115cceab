using Replication.Actors.Disk;

namespace Replication.ReplicaNode.Disk;

/// <summary>
/// Folders whose entries are durable: a name counts only once its folder was synced. Blocking; returns
/// errnos.
/// </summary>
internal static class Folders
{
    private const int FolderMode = 0b111_101_000;

    /// <summary>
    /// Makes a folder and what is missing above it, and syncs every folder from the root down: one that
    /// another process made and did not live to sync is made durable too.
    /// </summary>
    internal static int Make(string root, string folder)
    {
        if (folder.Length > root.Length)
        {
            string parent = Path.GetDirectoryName(folder)!;
            int above = Make(root, parent);
            if (above != Errno.None)
            {
                return above;
            }

            int errno = Libc.ErrnoOf(Libc.MakeFolder(folder, FolderMode));
            if (errno is not Errno.None and not Errno.Exists)
            {
                return errno;
            }

            // A folder above that was there before, and may not be opened by this user, is no reason to
            // refuse.
            int synced = Sync(parent);
            return synced == Errno.AccessDenied && errno == Errno.Exists ? Errno.None : synced;
        }

        return Errno.None;
    }

    /// <summary>Makes the entries of a folder durable.</summary>
    internal static int Sync(string folder)
    {
        int fd = Libc.Open(folder, Libc.OpenReadOnly | Libc.OpenCloseOnExec, 0);
        if (fd < 0)
        {
            return Libc.ErrnoOf(fd);
        }

        int errno = Libc.ErrnoOf(Libc.Sync(fd));
        _ = Libc.Close(fd);
        return errno;
    }

    /// <summary>Moves an entry, never over another one: EEXIST then. Durable in both folders.</summary>
    internal static int Move(string from, string to)
    {
        int errno = Libc.ErrnoOf(
            Libc.RenameAt(Libc.AtCurrentFolder, from, Libc.AtCurrentFolder, to, Libc.RenameNoReplace));
        if (errno is Errno.Invalid or Libc.NotImplemented)
        {
            // A file system without RENAME_NOREPLACE. Only this process moves things here, so looking first
            // will do.
            errno = Path.Exists(to) ? Errno.Exists : Libc.ErrnoOf(Libc.Rename(from, to));
        }

        if (errno != Errno.None)
        {
            return errno;
        }

        int syncedTo = Sync(Path.GetDirectoryName(to)!);
        int syncedFrom = Sync(Path.GetDirectoryName(from)!);
        return syncedTo != Errno.None ? syncedTo : syncedFrom;
    }
}
