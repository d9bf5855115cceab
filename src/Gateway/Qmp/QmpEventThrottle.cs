using System.Text.Json;
using Replication.Gateway.Events;

namespace Replication.Gateway.Qmp;

/// <summary>
/// What clients get of the event log: all of it, but of the events that QEMU throttles at most one in
/// <see cref="Period"/> for each node. The first goes out at once; of those that come within the period after
/// one that went out, the newest goes out at its end, and the others never. All clients get the same. Safe
/// from any thread.
/// </summary>
internal sealed class QmpEventThrottle : IDisposable
{
    /// <summary>The time between two events of a kind about a node.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Most nodes that are kept count of for one kind or the other; events about further ones go out
    /// unthrottled.
    /// </summary>
    public const int GatesMax = 4096;

    /// <summary>What QEMU throttles, and the member that names the node.</summary>
    private static readonly (string Start, string Member)[] Throttled =
    [
        ("{\"event\":\"QUORUM_REPORT_BAD\",", "node-name"),
        ("{\"event\":\"QUORUM_FAILURE\",", "reference"),
    ];

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Dictionary<(string Event, string Node), Gate> _gates = [];
    private readonly List<Action<string>> _followers = [];
    private readonly IDisposable _following;
    private bool _disposed;

    /// <summary>Follows a log until it is disposed.</summary>
    public QmpEventThrottle(EventLog events, TimeProvider time)
    {
        _time = time;
        _following = events.Follow(OnEvent);
    }

    /// <summary>
    /// Tells <paramref name="follower"/> each event that goes out from now on, in order: it must neither
    /// block nor throw. Dispose to end it.
    /// </summary>
    public IDisposable Follow(Action<string> follower)
    {
        lock (_lock)
        {
            _followers.Add(follower);
        }

        return new Following(this, follower);
    }

    /// <summary>
    /// Tells all clients that an export is gone. It is an event of this door's, which the log does not have.
    /// </summary>
    public void TellExportDeleted(string id)
    {
        string line = QmpEventJson.ExportDeleted(id, _time.GetUtcNow());
        lock (_lock)
        {
            HandOut(line);
        }
    }

    /// <summary>What is held back never goes out.</summary>
    public void Dispose()
    {
        _following.Dispose();
        lock (_lock)
        {
            _disposed = true;
            foreach (Gate gate in _gates.Values)
            {
                gate.Timer?.Dispose();
            }

            _gates.Clear();
        }
    }

    private void OnEvent(string line)
    {
        (string Event, string Node)? key = KeyOf(line);
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            if (key is { } known)
            {
                if (_gates.TryGetValue(known, out Gate? closed))
                {
                    closed.Held = line;
                    return;
                }

                if (_gates.Count < GatesMax)
                {
                    Gate gate = new();
                    _gates.Add(known, gate);
                    gate.Timer = _time.CreateTimer(
                        _ => OnPeriodOver(known, gate), state: null, Period, Timeout.InfiniteTimeSpan);
                }
            }

            HandOut(line);
        }
    }

    private void OnPeriodOver((string Event, string Node) key, Gate gate)
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            if (gate.Held is not { } held)
            {
                _gates.Remove(key);
                gate.Timer!.Dispose();
                return;
            }

            gate.Held = null;
            gate.Timer!.Change(Period, Timeout.InfiniteTimeSpan);
            HandOut(held);
        }
    }

    private void HandOut(string line)
    {
        foreach (Action<string> follower in _followers)
        {
            follower(line);
        }
    }

    /// <summary>What an event is counted under; null for one that is not throttled.</summary>
    private static (string Event, string Node)? KeyOf(string line)
    {
        foreach ((string start, string member) in Throttled)
        {
            // The event log writes its lines itself, the event's name first.
            if (line.StartsWith(start, StringComparison.Ordinal))
            {
                using JsonDocument happened = JsonDocument.Parse(line);
                return (start, happened.RootElement.GetProperty("data").GetProperty(member).GetString()!);
            }
        }

        return null;
    }

    private void Unfollow(Action<string> follower)
    {
        lock (_lock)
        {
            _followers.Remove(follower);
        }
    }

    /// <summary>Closed for the period that its timer runs for.</summary>
    private sealed class Gate
    {
        public ITimer? Timer { get; set; }

        public string? Held { get; set; }
    }

    private sealed class Following(QmpEventThrottle throttle, Action<string> follower) : IDisposable
    {
        public void Dispose() => throttle.Unfollow(follower);
    }
}
