namespace Replication.Gateway.Nbd.Transmission;

/// <summary>
/// What one client has taken and brought, for judging whether it is what everything waits for. Sending is
/// told by whoever holds the writer, receiving by the receiving loop; anyone may look.
/// </summary>
internal sealed class ClientProgress
{
    private long _sentBytes;
    private long _receivedBytes;
    private volatile bool _isSending;
    private volatile bool _isReceiving;

    /// <summary>Bytes of answers that it took and of payloads that it brought.</summary>
    internal long MovedBytes => Volatile.Read(ref _sentBytes) + Volatile.Read(ref _receivedBytes);

    /// <summary>
    /// True while answers wait to be taken by it, or a write waits for the rest of its data.
    /// </summary>
    internal bool IsAwaited => _isSending || _isReceiving;

    internal void BeginSend() => _isSending = true;

    internal void EndSend(int sentBytes)
    {
        Volatile.Write(ref _sentBytes, _sentBytes + sentBytes);
        _isSending = false;
    }

    internal void BeginReceive() => _isReceiving = true;

    internal void AddReceived(int receivedBytes) =>
        Volatile.Write(ref _receivedBytes, _receivedBytes + receivedBytes);

    internal void EndReceive() => _isReceiving = false;
}
