namespace Replication.Coordinator.Volumes;

/// <summary>
/// Requests that wait for something other than a lock: the patient, which have none, for their range to be
/// reconciled; the crowded, which hold theirs, for room for hot marks. All of them count towards the most
/// requests of a volume. Runs within the volume's actor.
/// </summary>
internal sealed class WaitingRequests
{
    /// <summary>So many of the patient, the oldest, name what is reconciled first.</summary>
    private const int WantedMax = 64;

    private readonly List<LiveRequest> _patient = [];
    private readonly Queue<(LiveRequest Live, long Since)> _crowded = new();

    internal int PatientCount => _patient.Count;

    internal bool IsCrowded => _crowded.Count > 0;

    internal bool IsEmpty => _patient.Count == 0 && _crowded.Count == 0;

    /// <summary>The ranges that reads wait for.</summary>
    internal IEnumerable<(long OffsetBytes, long LengthBytes)> WantedRanges =>
        _patient.Count == 0 ? [] : _patient.Take(WantedMax).Select(static live => live.Range);

    internal void AddPatient(LiveRequest live) => _patient.Add(live);

    /// <summary>Takes those out that fit, oldest first.</summary>
    internal IReadOnlyList<LiveRequest> TakePatient(Predicate<LiveRequest> fits)
    {
        if (_patient.Count == 0)
        {
            return [];
        }

        List<LiveRequest> taken = _patient.FindAll(fits);
        if (taken.Count > 0)
        {
            HashSet<LiveRequest> gone = [.. taken];
            _patient.RemoveAll(gone.Contains);
        }

        return taken;
    }

    internal void AddCrowded(LiveRequest live, long since) => _crowded.Enqueue((live, since));

    /// <summary>All of them are looked at again.</summary>
    internal void TakeCrowded(Queue<LiveRequest> into)
    {
        while (_crowded.TryDequeue(out (LiveRequest Live, long Since) crowded))
        {
            into.Enqueue(crowded.Live);
        }
    }

    /// <summary>Takes those out, from the oldest on, that have waited since a time that fits.</summary>
    internal IReadOnlyList<LiveRequest> TakeCrowdedSince(Predicate<long> fits)
    {
        List<LiveRequest> taken = [];
        while (_crowded.TryPeek(out (LiveRequest Live, long Since) oldest) && fits(oldest.Since))
        {
            taken.Add(_crowded.Dequeue().Live);
        }

        return taken;
    }
}
