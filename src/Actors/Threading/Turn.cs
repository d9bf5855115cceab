namespace Replication.Actors.Threading;

/// <summary>
/// A stretch of a thread's time in which work that is scheduled waits for its end and then runs on the same
/// thread, in the order of scheduling: a request that comes out of a socket passes through its actors and
/// into the next socket without waking anybody. Begun where messages enter the system (a socket's receive, a
/// disk's completion); never across an await. Turns do not nest: an inner one is part of the outer.
/// </summary>
/// <remarks>
/// No thread keeps to itself what others could do: what exceeds <see cref="WaitingMax"/> or
/// <see cref="RunsMax"/> goes to the thread pool.
/// </remarks>
public readonly ref struct Turn
{
    /// <summary>Pieces of work that wait in one turn at most.</summary>
    public const int WaitingMax = 64;

    /// <summary>Pieces of work that one turn runs at most: a conversation may be endless.</summary>
    public const int RunsMax = 128;

    [ThreadStatic]
    private static TurnQueue? _ofThread;

    private readonly TurnQueue? _queue;

    private Turn(TurnQueue? queue) => _queue = queue;

    /// <summary>
    /// Begins a turn of the calling thread; disposing it runs what was scheduled meanwhile.
    /// </summary>
    public static Turn Begin()
    {
        TurnQueue queue = _ofThread ??= new TurnQueue();
        if (queue.IsOpen)
        {
            return default;
        }

        queue.IsOpen = true;
        return new Turn(queue);
    }

    /// <summary>
    /// Runs what waits, and ends the turn. Work that throws ends it too: what the thread has left goes to the
    /// pool, for its next turn would take it for part of one that never ends.
    /// </summary>
    public void Dispose()
    {
        if (_queue is null)
        {
            return;
        }

        try
        {
            _queue.Run();
        }
        finally
        {
            _queue.End();
        }
    }

    /// <summary>Leaves the work to the calling thread's turn; false when it has none, or a full
    /// one.</summary>
    internal static bool TryAdd(IThreadPoolWorkItem work) =>
        _ofThread is { IsOpen: true } queue && queue.TryAdd(work);

    private sealed class TurnQueue
    {
        private readonly Queue<IThreadPoolWorkItem> _work = new();

        internal bool IsOpen { get; set; }

        internal bool TryAdd(IThreadPoolWorkItem work)
        {
            if (_work.Count >= WaitingMax)
            {
                return false;
            }

            _work.Enqueue(work);
            return true;
        }

        internal void Run()
        {
            for (int left = RunsMax; left > 0 && _work.TryDequeue(out IThreadPoolWorkItem? work); left--)
            {
                work.Execute();
            }
        }

        internal void End()
        {
            IsOpen = false;
            while (_work.TryDequeue(out IThreadPoolWorkItem? work))
            {
                ThreadPoolDispatcher.Instance.Queue(work);
            }
        }
    }
}
