using System.Threading.Channels;
using Replication.Coordinator.Events;

namespace Replication.Gateway.Events;

/// <summary>
/// The last events of all volumes, in memory and on disk, and those who follow them. An event is a QMP event
/// object in one line of JSON. Safe from any thread; a task of its own formats, hands out and writes.
/// </summary>
public sealed class EventLog : IAsyncDisposable
{
    /// <summary>Most events that one round of the writer takes from the queue.</summary>
    private const int BatchMax = 512;

    private readonly Lock _lock = new();
    private readonly EventLogOptions _options;
    private readonly EventSegments _segments;
    private readonly Queue<string> _kept;
    private readonly List<Action<string>> _followers = [];
    private readonly Channel<VolumeEvent> _queue;
    private readonly Task _writer;
    private long _next;
    private long _lost;
    private bool _diskFailing;

    private EventLog(EventSegments segments, List<string> kept, EventLogOptions options)
    {
        _options = options;
        _segments = segments;
        _kept = new Queue<string>(kept);
        _next = kept.Count;
        _queue = Channel.CreateBounded<VolumeEvent>(
            new BoundedChannelOptions(options.QueueMax)
            {
                SingleReader = true,
                FullMode = BoundedChannelFullMode.Wait,
            });
        _writer = Task.Run(WriteAll);
    }

    /// <summary>Events that found the queue full since the start.</summary>
    public long LostCount => Interlocked.Read(ref _lost);

    /// <summary>Opens the events in a folder, made if it is not there.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public static EventLog Open(string folder, EventLogOptions? options = null)
    {
        options ??= new EventLogOptions();
        (EventSegments segments, List<string> kept) = EventSegments.Open(
            folder, options.KeptMax, options.Warn);
        return new EventLog(segments, kept, options);
    }

    /// <summary>
    /// Takes an event; returns at once. When the queue is full the event is lost, and counted.
    /// </summary>
    public void Append(VolumeEvent happened)
    {
        if (!_queue.Writer.TryWrite(happened))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>The last events, oldest first.</summary>
    /// <param name="countMax">At most so many.</param>
    public IReadOnlyList<string> Last(int countMax)
    {
        lock (_lock)
        {
            return [.. _kept.Skip(Math.Max(0, _kept.Count - countMax))];
        }
    }

    /// <summary>The events from a number on; numbers count from what was kept when this was opened.</summary>
    /// <param name="from">The number of the first that is wanted; null: all that are kept.</param>
    public EventPage Since(long? from)
    {
        lock (_lock)
        {
            long first = _next - _kept.Count;
            long start = Math.Clamp(from ?? first, first, _next);
            return new EventPage(
                [.. _kept.Skip((int)(start - first))], _next, Math.Max(0, first - (from ?? first)));
        }
    }

    /// <summary>
    /// Tells <paramref name="follower"/> each event from now on, in order, on the writer's task: it must
    /// neither block nor throw. An event is in <see cref="Last"/> exactly when its followers have been told.
    /// Dispose to end it.
    /// </summary>
    public IDisposable Follow(Action<string> follower)
    {
        lock (_lock)
        {
            _followers.Add(follower);
        }

        return new Following(this, follower);
    }

    /// <summary>Writes what waits, then closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writer;
        _segments.Dispose();
    }

    private async Task WriteAll()
    {
        List<string> batch = new(BatchMax);
        long lostReported = 0;
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < BatchMax && _queue.Reader.TryRead(out VolumeEvent? happened))
            {
                batch.Add(QmpEventJson.Line(happened));
            }

            HandOut(batch);
            WriteToDisk(batch);
            batch.Clear();
            long lost = LostCount;
            if (lost != lostReported)
            {
                _options.Warn(
                    $"{lost - lostReported} events came faster than they could be kept, and are lost");
                lostReported = lost;
            }
        }
    }

    private void HandOut(List<string> batch)
    {
        foreach (string line in batch)
        {
            lock (_lock)
            {
                _kept.Enqueue(line);
                _next++;
                if (_kept.Count > _options.KeptMax)
                {
                    _kept.Dequeue();
                }

                foreach (Action<string> follower in _followers)
                {
                    follower(line);
                }
            }
        }
    }

    private void WriteToDisk(List<string> batch)
    {
        try
        {
            _segments.Append(batch);
            _diskFailing = false;
        }
        catch (Exception failure) when (
            failure is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // The events stay in memory; a disk that goes on failing is reported once.
            if (!_diskFailing)
            {
                _options.Warn(
                    $"events are kept in memory only, the disk does not take them: {failure.Message}");
            }

            _diskFailing = true;
        }
    }

    private void Unfollow(Action<string> follower)
    {
        lock (_lock)
        {
            _followers.Remove(follower);
        }
    }

    private sealed class Following(EventLog log, Action<string> follower) : IDisposable
    {
        public void Dispose() => log.Unfollow(follower);
    }
}
