using System.Collections.Concurrent;

namespace Replication.Gateway.Metrics;

/// <summary>
/// Numbers by volume, for as many volumes as there may be series of; the ones past that share a place. A
/// volume that is gone is not shown any more, but its numbers stay until others need the room: should its
/// name come again, its counters go on, so that no counter ever goes back. Finding a volume's numbers
/// allocates nothing, save for the first time. Any thread.
/// </summary>
/// <param name="make">Makes the numbers of a volume of that name.</param>
public sealed class VolumeTable<T>(Func<string, T> make)
    where T : class
{
    private readonly ConcurrentDictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private T? _others;
    private volatile bool _isFull;

    /// <summary>The numbers of a volume, or those that it shares.</summary>
    public T Of(string volume)
    {
        if (_places.TryGetValue(volume, out Place? place))
        {
            return place.Numbers;
        }

        return _isFull ? _others! : Add(volume);
    }

    /// <summary>Says which volumes there are; after a few such looks the others are not shown.</summary>
    public void Keep(IReadOnlySet<string> present)
    {
        ArgumentNullException.ThrowIfNull(present);
        lock (_lock)
        {
            foreach ((string volume, Place place) in _places)
            {
                place.MissedLooks = present.Contains(volume) ? 0 : place.MissedLooks + 1;
            }

            // One that is gone may leave its place to another.
            _isFull = false;
        }
    }

    /// <summary>Those that are shown, by name in ordinal order, those that share a place last.</summary>
    public IReadOnlyList<(string Volume, T Numbers)> Shown()
    {
        lock (_lock)
        {
            List<(string Volume, T Numbers)> shown =
            [
                .. _places.Where(static entry => !entry.Value.IsGone)
                    .OrderBy(static entry => entry.Key, StringComparer.Ordinal)
                    .Select(static entry => (entry.Key, entry.Value.Numbers)),
            ];
            if (_others is not null)
            {
                shown.Add((SeriesLimits.Others, _others));
            }

            return shown;
        }
    }

    private T Add(string volume)
    {
        lock (_lock)
        {
            if (_places.TryGetValue(volume, out Place? place))
            {
                return place.Numbers;
            }

            if (_places.Count >= SeriesLimits.VolumesMax && !TryForgetOne())
            {
                _others ??= make(SeriesLimits.Others);
                _isFull = true;
                return _others;
            }

            place = new Place(make(volume));
            _places.TryAdd(volume, place);
            return place.Numbers;
        }
    }

    /// <summary>The one that has been gone for longest makes room.</summary>
    private bool TryForgetOne()
    {
        string? oldest = _places.Where(static entry => entry.Value.IsGone)
            .OrderByDescending(static entry => entry.Value.MissedLooks)
            .ThenBy(static entry => entry.Key, StringComparer.Ordinal)
            .Select(static entry => entry.Key)
            .FirstOrDefault();
        return oldest is not null && _places.TryRemove(oldest, out _);
    }

    private sealed class Place(T numbers)
    {
        /// <summary>One look may have come just before the volume did.</summary>
        private const int MissedLooksMax = 2;

        internal T Numbers { get; } = numbers;

        internal int MissedLooks { get; set; }

        internal bool IsGone => MissedLooks >= MissedLooksMax;
    }
}
