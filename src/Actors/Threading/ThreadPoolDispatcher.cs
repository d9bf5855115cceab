using System.Collections.Concurrent;

namespace Replication.Actors.Threading;

/// <summary>
/// The real dispatcher: the turn of the calling thread if it has one (<see cref="Turn"/>), else .NET's thread
/// pool, where each piece of work is a turn of its own.
/// </summary>
public sealed class ThreadPoolDispatcher : IDispatcher, IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _work = new();

    private ThreadPoolDispatcher()
    {
    }

    /// <summary>One for all systems of a process, as the pool is.</summary>
    public static ThreadPoolDispatcher Instance { get; } = new();

    /// <inheritdoc/>
    public int Throughput => 64;

    /// <inheritdoc/>
    public void Schedule(IThreadPoolWorkItem work)
    {
        if (!Turn.TryAdd(work))
        {
            Queue(work);
        }
    }

    /// <summary>Gives work to the pool, whoever calls.</summary>
    internal void Queue(IThreadPoolWorkItem work)
    {
        _work.Enqueue(work);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>One piece of work on a thread of the pool: as many runs are asked for as work is
    /// queued.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        if (_work.TryDequeue(out IThreadPoolWorkItem? work))
        {
            using Turn turn = Turn.Begin();
            work.Execute();
        }
    }
}
