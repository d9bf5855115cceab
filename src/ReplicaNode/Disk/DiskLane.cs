namespace Replication.ReplicaNode.Disk;

/// <summary>
/// A queue and the threads that empty it, at most <paramref name="threadsMax"/>, each started when work
/// finds no idle one. Adding work allocates nothing; the length of the queue is bounded by those who add
/// (each device has a limit).
/// </summary>
internal sealed class DiskLane(string name, int threadsMax) : IDisposable
{
    private readonly object _lock = new();
    private readonly Queue<DiskWork> _queue = new();
    private int _threads;
    private int _idle;
    private int _signalled;
    private bool _ended;

    /// <summary>Work that waits for a thread.</summary>
    internal int WaitingCount
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>
    /// Adds work; it runs even when the lane is disposed right after. Any thread; never blocks for long.
    /// </summary>
    internal void Add(in DiskWork work)
    {
        lock (_lock)
        {
            _queue.Enqueue(work);
            if (_idle > _signalled)
            {
                _signalled++;
                Monitor.Pulse(_lock);
            }
            else if (_threads < threadsMax)
            {
                _threads++;
                new Thread(Run) { IsBackground = true, Name = $"disk-{name}-{_threads}" }.Start();
            }
        }
    }

    /// <summary>Lets the threads end once the queue is empty.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            Monitor.PulseAll(_lock);
        }
    }

    private void Run()
    {
        while (TryTake(out DiskWork work))
        {
            work.Run();
        }
    }

    private bool TryTake(out DiskWork work)
    {
        lock (_lock)
        {
            while (!_queue.TryDequeue(out work))
            {
                if (_ended)
                {
                    _threads--;
                    return false;
                }

                _idle++;
                Monitor.Wait(_lock);
                _idle--;
                _signalled = Math.Max(0, _signalled - 1);
            }

            return true;
        }
    }
}
