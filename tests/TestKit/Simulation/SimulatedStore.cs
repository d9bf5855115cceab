using Replication.Cluster;

namespace Replication.TestKit.Simulation;

/// <summary>
/// A store in memory whose every step is somebody else's decision: each request takes two of them, one at
/// which it reaches the store and one at which its answer reaches the caller. Both go through the given
/// scheduler, or wait for <see cref="RunNext"/>. Tasks complete on the thread that runs the step,
/// continuations within it. Used by one thread.
/// </summary>
public sealed class SimulatedStore : IClusterStore
{
    private readonly SortedDictionary<string, StoreEntry> _entries = new(StringComparer.Ordinal);
    private readonly Queue<Action> _steps = new();
    private readonly Queue<UnknownOutcome> _lost = new();
    private readonly Queue<Action> _late = new();
    private readonly Action<Action> _schedule;

    /// <summary>A store whose steps wait for <see cref="RunNext"/>.</summary>
    public SimulatedStore() => _schedule = _steps.Enqueue;

    /// <summary>
    /// A store whose steps the simulation runs, each once, in whatever order and delay it likes.
    /// </summary>
    public SimulatedStore(Action<Action> schedule) => _schedule = schedule;

    /// <summary>
    /// Whether requests reach the store. One that finds it unreachable fails and is never made.
    /// </summary>
    public bool IsReachable { get; set; } = true;

    /// <summary>The revision of the last change.</summary>
    public long Revision { get; private set; }

    /// <summary>Steps that wait for <see cref="RunNext"/>.</summary>
    public int WaitingSteps => _steps.Count;

    /// <summary>
    /// Changes whose callers were told that the outcome is unknown, and that have not landed yet.
    /// </summary>
    public int LateChanges => _late.Count;

    /// <summary>What the store holds right now, past all scheduling: for checks of invariants.</summary>
    public IReadOnlyList<StoreEntry> Entries => [.. _entries.Values];

    /// <summary>
    /// Told of each key whose entry is made, changed or deleted (null), before anybody else can know.
    /// </summary>
    public Action<string, StoreEntry?>? Changed { get; set; }

    /// <summary>The next change to reach the store has an unknown outcome; calls line up.</summary>
    public void LoseNextAnswer(UnknownOutcome outcome) => _lost.Enqueue(outcome);

    /// <summary>
    /// The oldest change under way after its caller gave up arrives; its conflict nobody hears.
    /// </summary>
    public void LandLate()
    {
        if (!_late.TryDequeue(out Action? change))
        {
            throw new InvalidOperationException("no change is on its way");
        }

        change();
    }

    /// <summary>Runs the oldest waiting step; false: there is none.</summary>
    public bool RunNext()
    {
        if (!_steps.TryDequeue(out Action? step))
        {
            return false;
        }

        step();
        return true;
    }

    /// <summary>
    /// Runs steps until none waits, those they lead to included, up to a limit that no test reaches.
    /// </summary>
    public void RunAll()
    {
        const int stepsMax = 100_000;
        for (int step = 0; step < stepsMax; step++)
        {
            if (!RunNext())
            {
                return;
            }
        }

        throw new InvalidOperationException($"{stepsMax} steps did not empty the store's queue");
    }

    /// <inheritdoc/>
    public Task<StoreEntry?> GetAsync(string key)
    {
        StoreLimits.CheckKey(key);
        return Request(() => _entries.GetValueOrDefault(key), isChange: false);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoreEntry>> ListAsync(string prefix)
    {
        StoreLimits.CheckPrefix(prefix);
        return Request<IReadOnlyList<StoreEntry>>(
            () => [.. _entries.Values.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))],
            isChange: false);
    }

    /// <inheritdoc/>
    public Task<StoreResult> CompareAndSetAsync(string key, long expectedRevision, ReadOnlyMemory<byte> value)
    {
        StoreLimits.CheckCompareAndSet(key, expectedRevision, value);
        byte[] copy = value.ToArray();
        return Request(
            () => Change(key, expectedRevision, () => _entries[key] = new StoreEntry(key, copy, Revision)),
            isChange: true);
    }

    /// <inheritdoc/>
    public Task<StoreResult> DeleteAsync(string key, long expectedRevision)
    {
        StoreLimits.CheckDelete(key, expectedRevision);
        return Request(() => Change(key, expectedRevision, () => _entries.Remove(key)), isChange: true);
    }

    private StoreResult Change(string key, long expectedRevision, Action make)
    {
        StoreEntry? current = _entries.GetValueOrDefault(key);
        if ((current?.Revision ?? 0) != expectedRevision)
        {
            return new StoreResult.Conflict(current);
        }

        Revision++;
        make();
        Changed?.Invoke(key, _entries.GetValueOrDefault(key));
        return new StoreResult.Done(Revision);
    }

    private Task<T> Request<T>(Func<T> run, bool isChange)
    {
        var completion = new TaskCompletionSource<T>();
        _schedule(() => Arrive(run, isChange, completion));
        return completion.Task;
    }

    private void Arrive<T>(Func<T> run, bool isChange, TaskCompletionSource<T> completion)
    {
        if (!IsReachable)
        {
            Fail(completion, "the store cannot be reached");
            return;
        }

        if (!isChange || !_lost.TryDequeue(out UnknownOutcome outcome))
        {
            T result = run();
            _schedule(() => completion.SetResult(result));
            return;
        }

        if (outcome == UnknownOutcome.Applied)
        {
            run();
        }
        else if (outcome == UnknownOutcome.AppliedLater)
        {
            _late.Enqueue(() => run());
        }

        Fail(completion, "the store's answer was lost");
    }

    private void Fail<T>(TaskCompletionSource<T> completion, string reason) =>
        _schedule(() => completion.SetException(new StoreUnavailableException(reason)));
}
