namespace Replication.Cluster.Embedded.Journal;

/// <summary>
/// A real folder, locked for as long as it is open. The lock is a flock of its own file, so it goes with the
/// process however that ends, and the journal can be replaced while it is held.
/// </summary>
internal sealed class DiskFolder : IJournalFolder
{
    private const string LockName = "store.lock";

    private readonly string _path;
    private int _folder;
    private int _lock;

    private DiskFolder(string path, int folder, int lockFile)
    {
        _path = path;
        _folder = folder;
        _lock = lockFile;
    }

    /// <summary>
    /// Opens the folder, made durably if it is not there. Throws <see cref="StoreOpenException"/> when
    /// another store has it, <see cref="IOException"/> when the file system refuses.
    /// </summary>
    public static DiskFolder Open(string path)
    {
        path = Path.GetFullPath(path);
        CreateDurably(path);
        int folder = LinuxCalls.Open(path, LinuxCalls.OpenReadOnly);
        int lockFile = -1;
        try
        {
            string lockPath = Path.Combine(path, LockName);
            lockFile = LinuxCalls.Open(lockPath, LinuxCalls.OpenReadWrite | LinuxCalls.OpenCreate);
            if (!LinuxCalls.TryLock(lockFile, lockPath))
            {
                throw new StoreOpenException(
                    $"the store in {path} is in use: another process holds {LockName}; stop it first");
            }

            return new DiskFolder(path, folder, lockFile);
        }
        catch
        {
            LinuxCalls.Close(folder);
            if (lockFile >= 0)
            {
                LinuxCalls.Close(lockFile);
            }

            throw;
        }
    }

    public byte[]? Read(string name)
    {
        string path = Path.Combine(_path, name);
        if (!File.Exists(path))
        {
            return null;
        }

        long lengthBytes = new FileInfo(path).Length;
        return lengthBytes <= JournalLimits.FileLengthMaxBytes
            ? File.ReadAllBytes(path)
            : throw new IOException(
                $"{path} has {lengthBytes} bytes, a journal has at most {JournalLimits.FileLengthMaxBytes}");
    }

    public IJournalFile Create(string name) => new DiskFile(
        Path.Combine(_path, name),
        LinuxCalls.OpenWriteOnly | LinuxCalls.OpenCreate | LinuxCalls.OpenTruncate);

    public void Rename(string from, string to) =>
        File.Move(Path.Combine(_path, from), Path.Combine(_path, to), overwrite: true);

    public void Sync() => LinuxCalls.Sync(_folder, _path);

    public void Dispose()
    {
        if (_folder >= 0)
        {
            LinuxCalls.Close(_folder);
            LinuxCalls.Close(_lock);
            _folder = -1;
            _lock = -1;
        }
    }

    /// <summary>
    /// A folder is durable once its parent is synced, so each one that is made has its parent synced.
    /// </summary>
    private static void CreateDurably(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        string parent = Path.GetDirectoryName(path) ?? throw new IOException($"{path} is not there");
        CreateDurably(parent);
        Directory.CreateDirectory(path);
        int descriptor = LinuxCalls.Open(parent, LinuxCalls.OpenReadOnly);
        try
        {
            LinuxCalls.Sync(descriptor, parent);
        }
        finally
        {
            LinuxCalls.Close(descriptor);
        }
    }
}
