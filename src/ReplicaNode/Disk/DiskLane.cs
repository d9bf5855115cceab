using System.Diagnostics;

namespace Replication.ReplicaNode.Disk;

/// <summary>
/// A queue and the threads that empty it, at most <paramref name="threadsMax"/>, each started when work
/// finds no idle one. Adding work allocates nothing; the length of the queue is bounded by those who add
/// (each device has a limit).
/// </summary>
internal sealed class DiskLane(string name, int threadsMax) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<DiskWork> _queue = new();
    private readonly ThreadSemaphore _wake = new();
    private readonly List<Thread> _threads = [];

    // Threads that wait and that nobody has woken yet: each wake-up is meant for one of them.
    private int _idle;
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
            if (_idle == 0)
            {
                if (_threads.Count < threadsMax)
                {
                    Thread thread = new(Run)
                    {
                        IsBackground = true, Name = $"disk-{name}-{_threads.Count + 1}",
                    };
                    _threads.Add(thread);
                    thread.Start();
                }

                return;
            }

            _idle--;
        }

        // Not under the lock, which the woken thread wants next.
        _wake.Release();
    }

    /// <summary>
    /// Waits until the threads have ended after <see cref="Dispose"/>; false when one of them is still held
    /// up by its disk after that time. A thread of the lane does not wait for itself.
    /// </summary>
    internal bool AwaitEnd(TimeSpan limit)
    {
        Thread[] threads;
        lock (_lock)
        {
            threads = [.. _threads];
        }

        long started = Stopwatch.GetTimestamp();
        return threads.Where(static thread => thread != Thread.CurrentThread).All(thread =>
        {
            TimeSpan left = limit - Stopwatch.GetElapsedTime(started);
            return thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        });
    }

    /// <summary>Lets the threads end once the queue is empty.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            for (; _idle > 0; _idle--)
            {
                _wake.Release();
            }
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
        while (true)
        {
            lock (_lock)
            {
                if (_queue.TryDequeue(out work))
                {
                    return true;
                }

                if (_ended)
                {
                    _threads.Remove(Thread.CurrentThread);
                    return false;
                }

                _idle++;
            }

            _wake.Wait();
        }
    }
}
