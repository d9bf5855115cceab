namespace Replication.Gateway.Nbd;

/// <summary>
/// Limits of the NBD server. One connection holds less than <see cref="InFlightBytesMax"/> and half a MiB.
/// </summary>
public sealed record NbdServerOptions
{
    /// <summary>Most connections at a time; one more is closed as soon as it is accepted.</summary>
    public int ConnectionsMax { get; init; } = 2048;

    /// <summary>
    /// From accept to the end of the handshake; a client that takes longer is disconnected.
    /// </summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most options in one handshake; the next closes the connection.</summary>
    public int OptionCountMax { get; init; } = 1024;

    /// <summary>
    /// Requests of one connection that wait for their answer to be sent; at the limit it is not read from.
    /// </summary>
    public int InFlightCountMax { get; init; } = 1024;

    /// <summary>Bytes of data of these requests; a single request larger than this is served alone.</summary>
    public long InFlightBytesMax { get; init; } = 64L << 20;

    /// <summary>
    /// How long requests under way may take after a client said goodbye, or a stop or withdrawal began:
    /// longer than a volume waits for a child, so that a request that loses one is still answered.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
