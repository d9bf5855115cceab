using Replication.Coordinator.Entry;
using Replication.Gateway.Qmp.Commands;

namespace Replication.Gateway.Qmp.Blocks;

/// <summary>
/// The nodes that QMP's block commands know: quorums and their replicas, which the volumes' records have, and
/// the replicas that were announced by <c>blockdev-add</c>, which are kept here and end with the process, as
/// QEMU's nodes do. Safe from any thread.
/// </summary>
public sealed class BlockGraph
{
    /// <summary>Most announced replicas; one more is refused.</summary>
    public const int ReplicasMax = 1024;

    /// <summary>
    /// Most names that are claimed at a time; a command that wants more is refused as if they were taken.
    /// Only requests that the gateway never answers could bring it there.
    /// </summary>
    internal const int ClaimsMax = 65_536;

    private readonly Lock _lock = new();
    private readonly GatewayCalls _gateway;
    private readonly SortedDictionary<string, ReplicaNode> _announced = new(StringComparer.Ordinal);
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal);

    /// <summary>A graph without announced replicas.</summary>
    /// <param name="gateway">Answers QueryVolumes.</param>
    public BlockGraph(GatewayCalls gateway)
    {
        _gateway = gateway;
    }

    /// <summary>What is claimed while an export of this id comes into being; no node is called so.</summary>
    internal static string ExportIdClaim(string id) => $"export id {id}";

    /// <summary>The same for an export's name.</summary>
    internal static string ExportNameClaim(string name) => $"export name {name}";

    /// <summary>
    /// Keeps others from changing the nodes of these names until it is disposed and the request that it was
    /// given to has ended; null when one of them is being changed. What is looked at after this stays as it
    /// is, as far as commands change it.
    /// </summary>
    internal NameClaim? TryClaim(IReadOnlyCollection<string> names)
    {
        lock (_lock)
        {
            if (names.Any(_claimed.Contains) || _claimed.Count + names.Count > ClaimsMax)
            {
                return null;
            }

            _claimed.UnionWith(names);
            return new NameClaim(() => GiveBack(names));
        }
    }

    /// <summary>
    /// All nodes as they are now; a failure, why the gateway cannot say.
    /// </summary>
    internal async Task<(BlockView? View, QmpResult? Failure)> ViewAsync()
    {
        object answer = await _gateway.AskAsync(new QueryVolumes());
        return answer switch
        {
            VolumeList list => (new BlockView(list.Volumes, Announced()), null),
            QmpError error => (null, QmpResult.Fail(error)),
            _ => throw new InvalidOperationException($"QueryVolumes was answered by {answer.GetType().Name}"),
        };
    }

    /// <summary>Whether a replica of that name was announced.</summary>
    internal bool IsAnnounced(string name)
    {
        lock (_lock)
        {
            return _announced.ContainsKey(name);
        }
    }

    /// <summary>Adds a replica, whose name the caller has claimed and found free; false when it is one too
    /// many.</summary>
    internal bool TryAnnounce(ReplicaNode replica)
    {
        lock (_lock)
        {
            if (_announced.Count >= ReplicasMax)
            {
                return false;
            }

            _announced.Add(replica.NodeName, replica);
            return true;
        }
    }

    /// <summary>Forgets a replica, whose name the caller has claimed.</summary>
    internal void Forget(string nodeName)
    {
        lock (_lock)
        {
            _announced.Remove(nodeName);
        }
    }

    private IReadOnlyDictionary<string, ReplicaNode> Announced()
    {
        lock (_lock)
        {
            return new SortedDictionary<string, ReplicaNode>(_announced, StringComparer.Ordinal);
        }
    }

    private void GiveBack(IReadOnlyCollection<string> names)
    {
        lock (_lock)
        {
            _claimed.ExceptWith(names);
        }
    }
}
