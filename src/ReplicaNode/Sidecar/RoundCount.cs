namespace Replication.ReplicaNode.Sidecar;

/// <summary>
/// Numbers the rounds or syncs of something, one at a time: what changed before number n began is durable
/// once n, or a later one, has succeeded. Over a failure that holds where the next one writes again what the
/// failed one did, as rounds of the sidecar do; a failed sync of data ends the incarnation, and its marks are
/// inherited.
/// </summary>
internal sealed class RoundCount
{
    /// <summary>The last one that began, running or ended; 0 before the first.</summary>
    internal long Begun { get; private set; }

    /// <summary>The last one that succeeded.</summary>
    internal long Durable { get; private set; }

    /// <summary>The first one that covers a change made now.</summary>
    internal long Next => Begun + 1;

    internal void Begin() => Begun++;

    internal void Succeed() => Durable = Begun;
}
