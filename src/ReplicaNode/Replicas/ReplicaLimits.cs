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
}
