using System.Collections.Immutable;
using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Entry;

/// <summary>
/// The volumes of a gateway that are being deleted, or will be once they are made, and who is to be told.
/// Runs within the gateway's actor.
/// </summary>
internal sealed class Deletions(IActorContext gateway, VolumeSeams seams, ImmutableArray<string> nodes)
{
    private readonly SortedDictionary<string, List<(IActorRef Asker, AdminRefused? Instead)>> _askers =
        new(StringComparer.Ordinal);

    private readonly SortedSet<string> _underWay = new(StringComparer.Ordinal);

    // Those that were never whole: that their records are not there any more is as good as a deletion.
    private readonly SortedSet<string> _unmade = new(StringComparer.Ordinal);

    internal bool IsAnyUnderWay => _underWay.Count > 0;

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

        HashSet<Guid> standing =
        [
            .. records.OfType<VolumeLookup.Found>().SelectMany(static found => found.Entry.Record.Children)
                .Select(static child => child.ReplicaId),
        ];
        HashSet<string> unreadable =
            [.. records.OfType<VolumeLookup.Unreadable>().Select(static lookup => lookup.Name)];
        LeftReplicaEntry[] gone =
        [
            .. left.Entries.Where(entry => !standing.Contains(entry.Replica.Identity.ReplicaId)
                && !unreadable.Contains(entry.Replica.Identity.VolumeName)),
        ];
        if (gone.Length > 0)
        {
            IActorRef self = gateway.Self;
            gateway.ActorOf(Props.Create(() => new ReplicaRemoval(gone, seams, nodes, self)));
        }
    }

    /// <summary>Somebody asked for this volume's end.</summary>
    internal bool IsAskedFor(string name) => _askers.ContainsKey(name);

    /// <summary>Whom to tell when it is over, and what, if not how it ended.</summary>
    internal void Add(string name, IActorRef asker, AdminRefused? instead = null)
    {
        if (!_askers.TryGetValue(name, out List<(IActorRef Asker, AdminRefused? Instead)>? askers))
        {
            _askers.Add(name, askers = []);
        }

        askers.Add((asker, instead));
    }

    /// <summary>Begins, unless it has begun.</summary>
    internal void Begin(string name, IActorRef? volume)
    {
        if (_underWay.Add(name))
        {
            IActorRef self = gateway.Self;
            gateway.ActorOf(Props.Create(() => new VolumeDeletion(name, volume, seams, nodes, self)));
        }
    }

    /// <summary>Begins with a volume that was not made whole.</summary>
    internal void BeginUnmade(string name)
    {
        _unmade.Add(name);
        Begin(name, volume: null);
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
        if (_askers.Remove(name, out List<(IActorRef Asker, AdminRefused? Instead)>? askers))
        {
            askers.ForEach(one => one.Asker.Tell(one.Instead ?? answer, gateway.Self));
        }
    }
}
