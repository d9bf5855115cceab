namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// What one replica takes on at a time. What exceeds the first two waits; what exceeds the last is refused.
/// </summary>
internal static class ReplicaLimits
{
    /// <summary>Requests started and not answered.</summary>
    internal const int InFlightCountMax = 256;

    /// <summary>Bytes that started reads and writes hold in buffers; one request is always let in.</summary>
    internal const long InFlightBytesMax = 128L << 20;

    /// <summary>Requests waiting to be started; one more is answered DiskError with EAGAIN.</summary>
    internal const int WaitingCountMax = 8192;

    /// <summary>
    /// Zones marked hot by changes of this life (P7): 16 GiB of volume to reconcile after the loss of all
    /// memory. A change of a further zone waits until marks have gone.
    /// </summary>
    internal const int HotZonesMax = 4096;
}
