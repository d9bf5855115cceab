namespace Replication.Actors.Threading;

/// <summary>
/// The real dispatcher: .NET's thread pool, with the work queued near the thread that made it.
/// </summary>
public sealed class ThreadPoolDispatcher : IDispatcher
{
    /// <summary>One for all systems of a process: it has no state.</summary>
    public static ThreadPoolDispatcher Instance { get; } = new();

    /// <inheritdoc/>
    public int Throughput => 64;

    /// <inheritdoc/>
    public void Schedule(IThreadPoolWorkItem work) =>
        ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: true);
}
