using System.Buffers.Binary;
using Replication.Actors;
using Replication.Actors.Disk;

namespace Replication.TestKit.Simulation.Disks;

/// <summary>
/// The simulated half of the seam for disks: files in memory that outlive the processes using them, with a
/// cache, a durable state below it, latencies from the seed, and every kind of failure that a test asks for.
/// Creating and moving files is durable at once.
/// </summary>
public sealed class SimulatedDisk : IDisk
{
    private readonly SimulatedWorld _world;
    private readonly string _name;
    private readonly SeededIdSource _random;
    private readonly SortedDictionary<string, SimulatedFile> _files = new(StringComparer.Ordinal);
    private readonly List<DiskFault> _faults = [];
    private long _allocatedPages;
    private int _processCount;

    public SimulatedDisk(SimulatedWorld world, string name)
    {
        _world = world;
        _name = name;
        _random = world.Random($"disk {name}");
    }

    /// <summary>Shortest time an operation takes.</summary>
    public TimeSpan LatencyMin { get; set; } = TimeSpan.FromMicroseconds(20);

    /// <summary>Longest time an operation takes that does not sync.</summary>
    public TimeSpan LatencyMax { get; set; } = TimeSpan.FromMicroseconds(500);

    /// <summary>Longest time an operation takes that syncs.</summary>
    public TimeSpan SyncLatencyMax { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Bytes that all files' pages may take; more is ENOSPC.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>Bytes that all files' pages take now.</summary>
    public long AllocatedBytes => _allocatedPages * SimulatedFile.PageBytes;

    /// <summary>Sees every operation of every file; null when nobody looks.</summary>
    public IDiskObserver? Observer { get; set; }

    /// <summary>True once a sync was answered that made nothing durable.</summary>
    public bool HasLied { get; private set; }

    /// <summary>All files, in ordinal order.</summary>
    public IReadOnlyList<string> Paths => [.. _files.Keys];

    /// <summary>The faults that are on.</summary>
    public IReadOnlyList<DiskFault> Faults => _faults;

    /// <inheritdoc/>
    public void Open(string path, DiskOpenMode mode, long lengthBytes, IActorRef owner) =>
        AfterLatency(
            DiskOperationKind.Read,
            syncs: false,
            InThisProcess(() => owner.Tell(OpenNow(path, mode, lengthBytes))));

    /// <inheritdoc/>
    public void List(string path, IActorRef owner)
    {
        string prefix = path.Length == 0 ? string.Empty : path.TrimEnd('/') + "/";
        AfterLatency(DiskOperationKind.Read, syncs: false, () => owner.Tell(new DiskFolderListed(
            path,
            [.. _files.Keys
                .Where(file => file.StartsWith(prefix, StringComparison.Ordinal))
                .Select(file => file[prefix.Length..].Split('/')[0])
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)],
            Errno.None)));
    }

    /// <inheritdoc/>
    public void Move(string from, string to, IActorRef owner) =>
        AfterLatency(
            DiskOperationKind.Sync, syncs: true, InThisProcess(() => owner.Tell(MoveNow(from, to))));

    /// <summary>Adds a fault, and returns it to be counted or taken away.</summary>
    public DiskFault Inject(DiskFault fault)
    {
        _faults.Add(fault);
        return fault;
    }

    /// <summary>
    /// Takes a fault away; operations that it stalled go on only by <see cref="ReleaseStalled"/>.
    /// </summary>
    public void Remove(DiskFault fault) => _faults.Remove(fault);

    /// <summary>Takes every fault away and releases what is stalled.</summary>
    public void Heal()
    {
        _faults.Clear();
        ReleaseStalled();
    }

    /// <summary>Lets every stalled operation go on.</summary>
    public void ReleaseStalled()
    {
        foreach (SimulatedBlockDevice device in Devices())
        {
            device.ReleaseStalled();
        }
    }

    /// <summary>
    /// From now on a crash of the node is a kill of its process: <see cref="KillProcess"/>.
    /// </summary>
    public void AttachTo(SimulatedNode node) => node.OnCrash(KillProcess);

    /// <summary>
    /// Closes every file as the end of a process does: locks go, what is in the cache stays.
    /// </summary>
    public void KillProcess()
    {
        _processCount++;
        foreach (SimulatedBlockDevice device in Devices())
        {
            device.Kill(_random);
        }

        Recount();
    }

    /// <summary>The power goes: as <see cref="KillProcess"/>, and the cache is lost by the policy.</summary>
    public void Crash(DiskCrashPolicy policy)
    {
        Mark(string.Empty, $"power loss, {policy}");
        KillProcess();
        foreach (SimulatedFile file in _files.Values)
        {
            file.LosePower(policy, _random);
        }

        Recount();
    }

    /// <summary>The same, with a policy that the seed picks for each file by itself.</summary>
    public void Crash()
    {
        Mark(string.Empty, "power loss, file by file");
        KillProcess();
        foreach (SimulatedFile file in _files.Values)
        {
            file.LosePower((DiskCrashPolicy)_random.NextInt(3), _random);
        }

        Recount();
    }

    /// <summary>True when the file exists.</summary>
    public bool Exists(string path) => _files.ContainsKey(path);

    /// <summary>True while a device holds the file's lock.</summary>
    public bool IsOpen(string path) => _files[path].OpenedBy is not null;

    /// <summary>What a read of the file would give now.</summary>
    public byte[] Peek(string path, long offsetBytes, int lengthBytes)
    {
        byte[] content = new byte[lengthBytes];
        _files[path].Read(offsetBytes, content);
        return content;
    }

    /// <summary>What the file would hold after a power loss that keeps nothing unsynced.</summary>
    public byte[] PeekDurable(string path, long offsetBytes, int lengthBytes)
    {
        byte[] content = new byte[lengthBytes];
        _files[path].Read(offsetBytes, content, durableOnly: true);
        return content;
    }

    /// <summary>
    /// The first eight bytes at an offset, little-endian: as <see cref="Peek"/>, without allocating.
    /// </summary>
    public long PeekWord(string path, long offsetBytes, bool durableOnly)
    {
        Span<byte> word = stackalloc byte[sizeof(long)];
        _files[path].Read(offsetBytes, word, durableOnly);
        return BinaryPrimitives.ReadInt64LittleEndian(word);
    }

    /// <summary>
    /// Pages of the file, rising, that a power loss may take though a sync was answered: none unless
    /// <see cref="HasLied"/>.
    /// </summary>
    public IReadOnlyList<long> DoubtfulPages(string path) => [.. _files[path].DoubtfulPages];

    /// <summary>Length of a file.</summary>
    public long LengthOf(string path) => _files[path].LengthBytes;

    /// <summary>Pages of the file that only the cache holds.</summary>
    public int UnsyncedPageCount(string path) => _files[path].UnsyncedPageCount;

    /// <summary>
    /// Overwrites bytes behind the back of whoever has the file open, durably: somebody's dd.
    /// </summary>
    public void Overwrite(string path, long offsetBytes, ReadOnlySpan<byte> bytes)
    {
        _files[path].ChangeAtRest(offsetBytes, bytes);
        Recount();
    }

    /// <summary>Rot: every byte of the range becomes another one.</summary>
    public void CorruptAtRest(string path, long offsetBytes, int lengthBytes)
    {
        byte[] content = Peek(path, offsetBytes, lengthBytes);
        foreach (ref byte value in content.AsSpan())
        {
            value ^= (byte)(1 + _random.NextInt(255));
        }

        Mark(path, $"rot at {offsetBytes}+{lengthBytes}");
        Overwrite(path, offsetBytes, content);
    }

    /// <summary>Removes a file that is not open.</summary>
    public void Delete(string path)
    {
        if (_files[path].OpenedBy is not null)
        {
            throw new InvalidOperationException($"{path} is open");
        }

        _files.Remove(path);
        Recount();
    }

    internal IDisposable AfterLatency(DiskOperationKind kind, bool syncs, Action action)
    {
        TimeSpan max = syncs || kind == DiskOperationKind.Sync ? SyncLatencyMax : LatencyMax;
        return _world.After(_random.NextSpan(LatencyMin, max), action);
    }

    internal DiskFault? Hit(
        string path, DiskOperationKind kind, long offset, long length, Predicate<DiskFaultEffect> effect)
    {
        DiskFault? hit =
            _faults.Find(fault => effect(fault.Effect) && fault.Hits(path, kind, offset, length));
        if (hit is not null)
        {
            Count(hit, path);
        }

        return hit;
    }

    internal bool TryAllocate(int pages)
    {
        if (pages > (CapacityBytes / SimulatedFile.PageBytes) - _allocatedPages)
        {
            return false;
        }

        _allocatedPages += pages;
        return true;
    }

    internal void Free(int pages) => _allocatedPages -= pages;

    /// <summary>A sync of one file lied: what it should have saved, in every file, is in doubt.</summary>
    internal void Lie()
    {
        HasLied = true;
        foreach (SimulatedFile file in _files.Values)
        {
            file.BeginDoubt();
        }
    }

    internal void Sync(SimulatedFile file, long lastChange) => file.Sync(lastChange, _random);

    internal void FailSync(SimulatedFile file)
    {
        file.FailSync(_random);
        Recount();
    }

    internal void CorruptOne(SimulatedFile file, long offset, int length)
    {
        long at = offset + _random.NextInt(length);
        byte[] one = new byte[1];
        file.Read(at, one);
        one[0] ^= (byte)(1 + _random.NextInt(255));
        file.Write(at, one);
    }

    internal void Mark(string path, string what) => _world.Trace.Mark($"disk {_name}/{path}", what);

    /// <summary>What a process asked for and did not live to see does not happen: nobody would hold the
    /// file.</summary>
    private Action InThisProcess(Action action)
    {
        int process = _processCount;
        return () =>
        {
            if (process == _processCount)
            {
                action();
            }
        };
    }

    private DiskFileOpened OpenNow(string path, DiskOpenMode mode, long lengthBytes)
    {
        DiskFault? fault = _faults.Find(
            one => one.Effect == DiskFaultEffect.FailOpen && (one.Path is null || one.Path == path));
        if (fault is not null)
        {
            Count(fault, path);
            return new DiskFileOpened(path, null, Created: false, fault.Errno);
        }

        bool exists = _files.TryGetValue(path, out SimulatedFile? file);
        if (exists && mode == DiskOpenMode.New)
        {
            return new DiskFileOpened(path, null, Created: false, Errno.Exists);
        }

        if (!exists && mode == DiskOpenMode.Existing)
        {
            return new DiskFileOpened(path, null, Created: false, Errno.NoEntry);
        }

        if (file?.OpenedBy is not null)
        {
            return new DiskFileOpened(path, null, Created: false, Errno.TryAgain);
        }

        if (file is null)
        {
            file = _files[path] = new SimulatedFile(lengthBytes);
            if (HasLied)
            {
                file.BeginDoubt();
            }
        }

        file.OpenedBy = new SimulatedBlockDevice(this, file, path);
        return new DiskFileOpened(path, file.OpenedBy, !exists, Errno.None);
    }

    private DiskEntryMoved MoveNow(string from, string to)
    {
        KeyValuePair<string, SimulatedFile>[] moved = [.. _files.Where(entry => IsIn(entry.Key, from))];
        if (moved.Length == 0)
        {
            return new DiskEntryMoved(from, to, Errno.NoEntry);
        }

        if (_files.Keys.Any(path => IsIn(path, to)))
        {
            return new DiskEntryMoved(from, to, Errno.Exists);
        }

        foreach ((string path, SimulatedFile file) in moved)
        {
            _files.Remove(path);
            _files.Add(to + path[from.Length..], file);
        }

        return new DiskEntryMoved(from, to, Errno.None);
    }

    private static bool IsIn(string path, string entry) =>
        path == entry || path.StartsWith(entry + "/", StringComparison.Ordinal);

    private SimulatedBlockDevice[] Devices() =>
        [.. _files.Values.Select(static file => file.OpenedBy).OfType<SimulatedBlockDevice>()];

    private void Recount() => _allocatedPages = _files.Values.Sum(static file => file.CountAllocated());

    private void Count(DiskFault fault, string path)
    {
        fault.HitCount++;
        Mark(path, $"fault {fault.Effect}");
        if (fault.Once)
        {
            _faults.Remove(fault);
        }
    }
}
