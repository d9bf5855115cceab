namespace Replication.Gateway.Nbd;

/// <summary>
/// Limits of NBD in a process, for all servers of a door together. Requests of all connections hold at most
/// <see cref="TotalInFlightBytesMax"/>, and a connection besides these less than 256 KiB.
/// </summary>
public sealed record NbdServerOptions
{
    /// <summary>
    /// Least <see cref="TotalInFlightBytesMax"/>: the largest request fits its shared part.
    /// </summary>
    public const long TotalInFlightBytesMin = 64L << 20;

    /// <summary>
    /// Largest <see cref="TotalInFlightCountMax"/>: half of what one volume takes.
    /// </summary>
    public const int TotalInFlightCountTop = 32_768;

    /// <summary>
    /// Most connections at a time, those that drain while their server stops included; one more is closed as
    /// soon as it is accepted.
    /// </summary>
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
    /// Requests of all connections together that wait for their answer to be sent, beyond one of each: that
    /// one always fits. Of these a connection gets at most what it leaves free; what finds no room waits
    /// unread, requests of connections that hold least first. Far less than a volume takes.
    /// </summary>
    public int TotalInFlightCountMax { get; init; } = 4096;

    /// <summary>
    /// Bytes that requests of all connections hold together, 512 a request included. A quarter is set aside,
    /// for each of <see cref="ConnectionsMax"/> the same; of the rest a connection gets at most what it
    /// leaves free. Requests that find no room wait unread, those of connections that hold least first.
    /// </summary>
    public long TotalInFlightBytesMax { get; init; } = 512L << 20;

    /// <summary>
    /// A client that leaves answers unread or a write half sent for so long while others wait for room in
    /// <see cref="TotalInFlightBytesMax"/>, moving less than 64 KiB, is disconnected.
    /// </summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long requests under way may take after a client said goodbye, or a stop or withdrawal began:
    /// longer than a volume waits for a child, so that a request that loses one is still answered.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
