namespace Replication.Cluster.Embedded.Journal;

/// <summary>
/// The one thread that changes a store. It takes what has come in since its last sync, decides each change
/// against the ones before it, writes them as one frame, and only when that is durable shows the new state
/// and completes the tasks: conflicts too, since what they conflict with may be in the same frame.
/// </summary>
/// <remarks>
/// The first failure is the last: everything under way and everything that comes fails from then on, reads
/// included, for this process no longer knows what the disk holds. Opening the store again finds out.
/// </remarks>
internal sealed class JournalWriter : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<WaitingChange> _waiting = new();
    private readonly SemaphoreSlim _work = new(0);
    private readonly IJournalFolder _folder;
    private readonly JournalFile _journal;
    private readonly long _garbageLengthMaxBytes;
    private readonly Action<string> _log;
    private readonly Thread _thread;
    private volatile StoreState _committed;
    private volatile StoreUnavailableException? _failure;
    private bool _closing;

    /// <summary>Takes over the folder and the journal, and starts the thread.</summary>
    public JournalWriter(
        IJournalFolder folder, JournalFile journal, StoreState state, EmbeddedStoreOptions options)
    {
        _folder = folder;
        _journal = journal;
        _committed = state;
        _garbageLengthMaxBytes = options.GarbageLengthMaxBytes;
        _log = options.Log;
        _thread = new Thread(Run) { IsBackground = true, Name = "store-journal" };
        _thread.Start();
    }

    /// <summary>The durable state; throws <see cref="StoreUnavailableException"/> after a failure.</summary>
    public StoreState Committed
    {
        get
        {
            // In this order: a state read before a failure was set is one that was committed.
            StoreState committed = _committed;
            return _failure is { } failure ? throw Again(failure) : committed;
        }
    }

    /// <summary>Queues a change; its task completes when the change is durable or decided against.</summary>
    public Task<StoreResult> Submit(WaitingChange change)
    {
        lock (_lock)
        {
            if (_failure is { } failure)
            {
                return Task.FromException<StoreResult>(Again(failure));
            }

            if (_closing)
            {
                return Task.FromException<StoreResult>(new StoreUnavailableException("the store is closed"));
            }

            if (_waiting.Count >= JournalLimits.WaitingChangesMax)
            {
                return Task.FromException<StoreResult>(new StoreUnavailableException(
                    $"{JournalLimits.WaitingChangesMax} changes wait for the disk already"));
            }

            _waiting.Enqueue(change);
        }

        _work.Release();
        return change.Completion.Task;
    }

    /// <summary>Writes what waits, ends the thread, and closes the journal and the folder.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_closing)
            {
                return;
            }

            _closing = true;
        }

        _work.Release();
        _thread.Join();
        _failure ??= new StoreUnavailableException("the store is closed");
        _journal.Dispose();
        _folder.Dispose();
        _work.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _work.Wait();
            List<WaitingChange> batch = TakeBatch();
            if (batch.Count > 0)
            {
                Write(batch);
                continue;
            }

            // A batch takes more than one change, so the semaphore also wakes the thread for those already
            // gone.
            lock (_lock)
            {
                if (_closing && _waiting.Count == 0)
                {
                    return;
                }
            }
        }
    }

    private List<WaitingChange> TakeBatch()
    {
        List<WaitingChange> batch = [];
        long lengthBytes = 0;
        lock (_lock)
        {
            while (batch.Count < JournalLimits.BatchChangesMax
                && lengthBytes < JournalLimits.BatchLengthMaxBytes
                && _waiting.TryDequeue(out WaitingChange? change))
            {
                batch.Add(change);
                lengthBytes += JournalFormat.ChangeLengthBytes(change.Key, change.Value?.Length ?? 0);
            }
        }

        return batch;
    }

    private void Write(List<WaitingChange> batch)
    {
        if (_failure is { } earlier)
        {
            FailAll(batch, earlier);
            return;
        }

        try
        {
            StoreState state = _committed;
            List<JournalChange> written = new(batch.Count);
            List<StoreResult?> results = new(batch.Count);
            foreach (WaitingChange change in batch)
            {
                results.Add(Decide(change, ref state, written));
            }

            if (written.Count > 0)
            {
                _journal.Append(JournalFormat.EncodeFrame(written));
                _committed = state;
            }

            Complete(batch, results);
            long garbageLengthBytes = _journal.LengthBytes - state.LiveLengthBytes;
            if (garbageLengthBytes > Math.Max(_garbageLengthMaxBytes, state.LiveLengthBytes))
            {
                _journal.Compact(state);
            }
        }
        catch (Exception exception)
        {
            // Whatever it is, what the disk holds is unknown from here on, and no task may be left waiting.
            Fail(batch, exception);
        }
    }

    /// <summary>The result that holds once what is written is durable, or null: there is no room.</summary>
    private static StoreResult? Decide(
        WaitingChange waiting, ref StoreState state, List<JournalChange> written)
    {
        // Spelt out: a null array converts to an empty memory, which would turn a delete into a write.
        ReadOnlyMemory<byte>? value =
            waiting.Value is { } bytes ? new ReadOnlyMemory<byte>(bytes) : default(ReadOnlyMemory<byte>?);
        (StoreResult result, JournalChange? change) =
            state.Decide(waiting.Key, waiting.ExpectedRevision, value);
        if (change is null)
        {
            return result;
        }

        StoreState next = state.Apply(change);
        if (next.LiveLengthBytes > JournalLimits.LiveLengthMaxBytes
            && next.LiveLengthBytes > state.LiveLengthBytes)
        {
            return null;
        }

        state = next;
        written.Add(change);
        return result;
    }

    private static void Complete(List<WaitingChange> batch, List<StoreResult?> results)
    {
        for (int index = 0; index < batch.Count; index++)
        {
            if (results[index] is { } result)
            {
                batch[index].Completion.TrySetResult(result);
            }
            else
            {
                batch[index].Completion.TrySetException(new StoreUnavailableException(
                    $"the store is full: it holds {JournalLimits.LiveLengthMaxBytes} bytes at most"));
            }
        }
    }

    private void Fail(List<WaitingChange> batch, Exception exception)
    {
        StoreUnavailableException failure = new(
            $"the store failed and takes nothing more until it is opened again: {exception.Message}",
            exception);
        List<WaitingChange> rest = [];
        lock (_lock)
        {
            _failure = failure;
            rest.AddRange(_waiting);
            _waiting.Clear();
        }

        // Told before the tasks fail, so that whoever waits for one finds the reason in the log.
        _log(failure.Message);
        FailAll(batch, failure);
        FailAll(rest, failure);
    }

    /// <summary>
    /// Those that are complete already (the failure is a compaction's) stay so: they are durable.
    /// </summary>
    private static void FailAll(List<WaitingChange> changes, StoreUnavailableException failure)
    {
        foreach (WaitingChange change in changes)
        {
            change.Completion.TrySetException(Again(failure));
        }
    }

    /// <summary>An exception object carries the stack of its throw, so each task gets its own.</summary>
    private static StoreUnavailableException Again(StoreUnavailableException failure) =>
        new(failure.Message, failure.InnerException);
}
