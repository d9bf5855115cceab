namespace Replication.Actors.Remoting;

/// <summary>The bounds of everything that remoting reads, keeps or queues, and is not an option.</summary>
public static class RemotingLimits
{
    /// <summary>
    /// Longest body of a frame, in bytes: block digests of 32 MiB in sha256 take a quarter of it.
    /// </summary>
    public const int BodyMaxBytes = 1 << 20;

    /// <summary>Longest payload of a frame, in bytes: the largest request of a volume and some.</summary>
    public const int PayloadMaxBytes = 33 << 20;

    /// <summary>Longest body before the handshake is done, in bytes; payloads are not taken then.</summary>
    public const int HandshakeBodyMaxBytes = 1024;

    /// <summary>Longest name of an actor, node or cluster on the wire, in bytes of UTF-8.</summary>
    public const int NameMaxBytes = 255;

    /// <summary>
    /// What a receive asks for at most, in bytes; a longer rest of a payload goes straight into its buffer.
    /// </summary>
    public const int ReceiveBufferBytes = 64 * 1024;

    /// <summary>
    /// What a receive asks for after a frame with a long payload, in bytes: a head, and little of the next
    /// payload, for that part is copied.
    /// </summary>
    public const int ReceiveHeadBytes = 512;

    /// <summary>
    /// Of a payload that is longer than a receive buffer, so much is waited for at a time at most, in bytes:
    /// little enough for a link that is alive to bring it within the acceptable pause.
    /// </summary>
    public const int ReceiveWaitMaxBytes = 256 * 1024;

    /// <summary>
    /// Receives of one connection that go on on one thread without a wait; then it is another's turn.
    /// </summary>
    public const int ReceivesAtOnceMax = 32;

    /// <summary>
    /// A payload up to this many bytes is copied into the batch: cheaper than a segment of its own.
    /// </summary>
    public const int PayloadCopyMaxBytes = 4096;

    /// <summary>A batch is sent when it has reached this many bytes, even if more is queued.</summary>
    public const int BatchBytesMax = 512 * 1024;

    /// <summary>Most payloads that a batch sends from their own buffers.</summary>
    public const int BatchPayloadsMax = 64;

    /// <summary>
    /// What a queued message counts for beside its payload, in bytes: bounds the count by the bytes.
    /// </summary>
    public const int QueuedMessageBytes = 512;

    /// <summary>Most accepted connections that have not said hello.</summary>
    public const int PendingConnectionsMax = 256;

    /// <summary>Most watches of one link in each direction; one more ends the link.</summary>
    public const int WatchesMax = 65_536;

    /// <summary>Most refs without an actor (such as Ask's) that wait for an answer from abroad.</summary>
    public const int EdgeSendersMax = 65_536;

    /// <summary>How long such a ref is known to the other side when no answer comes.</summary>
    public static readonly TimeSpan EdgeSenderLifetime = TimeSpan.FromSeconds(120);

    /// <summary>
    /// Entries of one kind, such as overflows of one queue, are logged no more often than this.
    /// </summary>
    public static readonly TimeSpan RepeatedLogInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a link that says goodbye waits for the other side to close.</summary>
    public static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(1);
}
