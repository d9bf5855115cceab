using Microsoft.Win32.SafeHandles;
using Replication.Actors;
using Replication.Actors.Disk;

namespace Replication.ReplicaNode.Disk;

/// <summary>
/// A storage node's folder on a real file system, with the threads that work on its files. Any thread may
/// call; every call is carried out on a disk thread, and its owner told from there.
/// </summary>
public sealed class FileDisk : IDisk, IDisposable
{
    private const int FileMode = 0b110_100_000;

    private readonly string _root;
    private readonly DiskThreads _threads;
    private readonly bool _ownsThreads;

    /// <summary>
    /// Takes <paramref name="folder"/>, made durably when it is missing, as the root of all paths.
    /// </summary>
    /// <param name="folder">A folder of the file system; nothing outside it is ever touched.</param>
    /// <param name="threads">Threads shared with other disks of the node; null for own ones.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public FileDisk(string folder, DiskThreads? threads = null)
    {
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        int errno = Folders.Make(Path.GetPathRoot(_root)!, _root);
        if (errno != Errno.None)
        {
            throw new IOException($"the folder {_root} cannot be made: {Errno.Text(errno)}");
        }

        _ownsThreads = threads is null;
        _threads = threads ?? new DiskThreads();
    }

    /// <inheritdoc/>
    public void Open(string path, DiskOpenMode mode, long lengthBytes, IActorRef owner)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        RunSlow(() => owner.Tell(OpenNow(path, mode, lengthBytes)));
    }

    /// <inheritdoc/>
    public void List(string path, IActorRef owner) => RunSlow(() => owner.Tell(ListNow(path)));

    /// <summary>
    /// Moves a file or folder, durably, and makes the folders above the new place: EEXIST when that place is
    /// taken.
    /// </summary>
    public void Move(string from, string to, IActorRef owner) =>
        RunSlow(() => owner.Tell(new DiskEntryMoved(from, to, MoveNow(from, to))));

    /// <summary>
    /// Ends the threads, unless they are shared, once queued work is done. Open devices have to be disposed
    /// by their owners.
    /// </summary>
    public void Dispose()
    {
        if (_ownsThreads)
        {
            _threads.Dispose();
        }
    }

    private void RunSlow(Action call) => _threads.Slow.Add(new DiskWork(Device: null, Operation: null, call));

    private DiskFileOpened OpenNow(string path, DiskOpenMode mode, long lengthBytes)
    {
        if (!TryResolve(path, out string full))
        {
            return new DiskFileOpened(path, Device: null, Created: false, Errno.Invalid);
        }

        int errno = mode == DiskOpenMode.Existing
            ? Errno.None
            : Folders.Make(_root, Path.GetDirectoryName(full)!);
        int fd = -1;
        bool created = false;
        if (errno == Errno.None)
        {
            fd = OpenDescriptor(full, mode, out created, out errno);
        }

        if (errno != Errno.None)
        {
            return new DiskFileOpened(path, Device: null, Created: false, errno);
        }

        SafeFileHandle file = new(fd, ownsHandle: true);
        errno = Libc.ErrnoOf(Libc.Flock(fd, Libc.LockExclusive | Libc.LockNonBlocking));
        if (errno == Errno.None && created)
        {
            errno = MakeDurable(fd, full, lengthBytes);
        }

        if (errno != Errno.None)
        {
            if (created)
            {
                // Made by this very call, so nobody can have put anything into it.
                _ = Libc.Unlink(full);
            }

            file.Dispose();
            return new DiskFileOpened(path, Device: null, Created: false, errno);
        }

        PositionalFile.DropClean(fd);
        FileDevice device = new(file, RandomAccess.GetLength(file), _threads);
        return new DiskFileOpened(path, device, created, errno);
    }

    private static int OpenDescriptor(string full, DiskOpenMode mode, out bool created, out int errno)
    {
        const int Flags = Libc.OpenReadWrite | Libc.OpenCloseOnExec;
        created = false;
        int fd;
        if (mode != DiskOpenMode.New)
        {
            fd = Libc.Open(full, Flags, 0);
            errno = Libc.ErrnoOf(fd);
            if (errno != Errno.NoEntry || mode == DiskOpenMode.Existing)
            {
                return fd;
            }
        }

        fd = Libc.Open(full, Flags | Libc.OpenCreate | Libc.OpenExclusive, FileMode);
        errno = Libc.ErrnoOf(fd);
        created = errno == Errno.None;
        return fd;
    }

    private static int MakeDurable(int fd, string full, long lengthBytes)
    {
        int errno = Libc.ErrnoOf(Libc.Truncate(fd, lengthBytes));
        if (errno == Errno.None)
        {
            errno = Libc.ErrnoOf(Libc.Sync(fd));
        }

        return errno == Errno.None ? Folders.Sync(Path.GetDirectoryName(full)!) : errno;
    }

    private DiskFolderListed ListNow(string path)
    {
        if (!TryResolve(path, out string full))
        {
            return new DiskFolderListed(path, [], Errno.Invalid);
        }

        try
        {
            string[] names = Directory.Exists(full)
                ? [.. new DirectoryInfo(full).EnumerateFileSystemInfos().Select(static entry => entry.Name)]
                : [];
            Array.Sort(names, StringComparer.Ordinal);
            return new DiskFolderListed(path, names, Errno.None);
        }
        catch (DirectoryNotFoundException)
        {
            return new DiskFolderListed(path, [], Errno.None);
        }
        catch (UnauthorizedAccessException)
        {
            return new DiskFolderListed(path, [], Errno.AccessDenied);
        }
        catch (IOException)
        {
            return new DiskFolderListed(path, [], Errno.InputOutput);
        }
    }

    private int MoveNow(string from, string to)
    {
        if (!TryResolve(from, out string fullFrom) || !TryResolve(to, out string fullTo))
        {
            return Errno.Invalid;
        }

        if (!Path.Exists(fullFrom))
        {
            return Errno.NoEntry;
        }

        int errno = Folders.Make(_root, Path.GetDirectoryName(fullTo)!);
        return errno == Errno.None ? Folders.Move(fullFrom, fullTo) : errno;
    }

    /// <summary>False for a path that would leave the root or name the root itself.</summary>
    private bool TryResolve(string path, out string full)
    {
        full = "";
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        foreach (string name in path.Split('/'))
        {
            if (name is "" or "." or "..")
            {
                return false;
            }
        }

        full = $"{_root}/{path}";
        return true;
    }
}
