using System.Collections.Immutable;
using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Entry;

/// <summary>
/// The volumes of a gateway that are being deleted, or will be once they are made, and who is to be told.
/// Runs within the gateway's actor.
/// </summary>
internal sealed class Deletions(
    IActorContext gateway, VolumeSeams seams, ImmutableArray<string> nodes, RunningVolumes running)
{
    private readonly SortedDictionary<string, List<(IActorRef Asker, string? Instead)>> _askers =
        new(StringComparer.Ordinal);

    private readonly SortedSet<string> _underWay = new(StringComparer.Ordinal);

    // Those that were never whole: that their records are not there any more is as good as a deletion.
    private readonly SortedSet<string> _unmade = new(StringComparer.Ordinal);

    // Those that are over but for the end of the volume's actor, of which the gateway has not heard yet.
    private readonly SortedDictionary<string, VolumeDeletion.Ended> _unheard = new(StringComparer.Ordinal);
    private bool _isClosing;

    internal bool IsAnyUnderWay => _underWay.Count > 0;

    /// <summary>No volume is started again from now on.</summary>
    internal void Close() => _isClosing = true;

    /// <summary>
    /// Goes on with the deletions and removals that a crash cut short. That of a replica which a record still
    /// has, or of a volume whose record cannot be read, never was.
    /// </summary>
    internal void GoOn(LeftReplicaList left, IReadOnlyList<VolumeLookup> records)
    {
        if (left.UnreadableCount > 0)
        {
            gateway.System.Log.Warning(
                GatewayActor.Name,
                $"{left.UnreadableCount} entries of removed replicas in the store are unreadable");
        }

        VolumeRecord[] found =
            [.. records.OfType<VolumeLookup.Found>().Select(static lookup => lookup.Entry.Record)];
        HashSet<Guid> standing =
            [.. found.SelectMany(static record => record.Children).Select(static child => child.ReplicaId)];
        HashSet<string> unreadable =
            [.. records.OfType<VolumeLookup.Unreadable>().Select(static lookup => lookup.Name)];
        LeftReplicaEntry[] gone =
        [
            .. left.Entries.Where(entry => !standing.Contains(entry.Replica.Identity.ReplicaId)
                && !unreadable.Contains(entry.Replica.Identity.VolumeName))
                .Select(entry => found.Aggregate(entry, static (known, record) => known.With(record))),
        ];
        foreach (LeftReplicaEntry kept in left.Entries.Where(
            entry => standing.Contains(entry.Replica.Identity.ReplicaId)))
        {
            // The removal was not carried out, or the addition was: it would only take up room.
            seams.Records.Left.RemoveAsync(kept).PipeTo(gateway.Self, static _ => new MarkDropped());
        }

        if (gone.Length > 0)
        {
            IActorRef self = gateway.Self;
            gateway.ActorOf(Props.Create(() => new ReplicaRemoval(gone, seams, nodes, self)));
        }
    }

    /// <summary>Somebody asked for this volume's end.</summary>
    internal bool IsAskedFor(string name) => _askers.ContainsKey(name);

    /// <summary>Whom to tell when it is over, and what of, if not how it ended.</summary>
    /// <param name="name">The volume's name.</param>
    /// <param name="asker">Who is told.</param>
    /// <param name="instead">Why the volume is not made: what this one asked for.</param>
    internal void Add(string name, IActorRef asker, string? instead = null)
    {
        if (!_askers.TryGetValue(name, out List<(IActorRef Asker, string? Instead)>? askers))
        {
            _askers.Add(name, askers = []);
        }

        askers.Add((asker, instead));
    }

    /// <summary>Begins, unless it has begun.</summary>
    internal void Begin(string name, IActorRef? volume) => Begin(name, id: null, volume);

    /// <summary>Begins with a volume that was not made whole.</summary>
    /// <param name="name">The volume's name.</param>
    /// <param name="id">Its id, where another one may have that name.</param>
    internal void BeginUnmade(string name, Guid? id)
    {
        _unmade.Add(name);
        Begin(name, id, volume: null);
    }

    /// <summary>
    /// A deletion says that it is over. A volume's name is free only once the gateway has heard of its
    /// actor's end too, whichever of the two comes first.
    /// </summary>
    internal void OnEnded(VolumeDeletion.Ended ended)
    {
        if (ended.HasClosed && running.Contains(ended.Name))
        {
            _unheard.Add(ended.Name, ended);
            return;
        }

        if (ended.Restored is not null && !_isClosing)
        {
            running.Start(ended.Restored);
        }

        End(ended.Name, ended.Answer);
    }

    /// <summary>The gateway has heard that a volume's actor ended.</summary>
    internal void OnVolumeEnded(string name)
    {
        if (_unheard.Remove(name, out VolumeDeletion.Ended? ended))
        {
            OnEnded(ended);
        }
    }

    /// <summary>A deletion is over, or never began.</summary>
    internal void End(string name, object? answer)
    {
        _underWay.Remove(name);
        bool wasUnmade = _unmade.Remove(name);
        if (answer is VolumeDeleted deleted && !wasUnmade)
        {
            gateway.System.EventStream.Publish(
                new VolumeRemoved(gateway.System.Options.Time.GetUtcNow(), name, deleted.LeftOn));
        }

        answer ??= wasUnmade
            ? new VolumeDeleted(name, [])
            : new AdminRefused($"there is no volume '{name}'");
        if (_askers.Remove(name, out List<(IActorRef Asker, string? Instead)>? askers))
        {
            askers.ForEach(one => one.Asker.Tell(
                one.Instead is { } reason ? NotMade(reason, answer) : answer, gateway.Self));
        }
    }

    /// <summary>What cannot be taken apart now is there again at the next start: it is said so.</summary>
    private static AdminRefused NotMade(string reason, object answer) => new(
        answer is AdminRefused standing
            ? $"{reason}; what is recorded of it could not be removed, and the gateway's next start may go "
                + $"on with it: {standing.Reason}"
            : reason);

    private void Begin(string name, Guid? id, IActorRef? volume)
    {
        if (_underWay.Add(name))
        {
            IActorRef self = gateway.Self;
            gateway.ActorOf(Props.Create(() => new VolumeDeletion(name, id, volume, seams, nodes, self)));
        }
    }
}

/// <summary>What a record has is not remembered as left any more.</summary>
internal sealed record MarkDropped;
