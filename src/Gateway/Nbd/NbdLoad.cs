namespace Replication.Gateway.Nbd;

/// <summary>What NBD has to do at one moment, and has had to since its server or door was made.</summary>
public sealed record NbdLoad
{
    /// <summary>Clients connected, those in their handshake included.</summary>
    public required int Connections { get; init; }

    /// <summary>Clients that were let in.</summary>
    public required long AcceptedCount { get; init; }

    /// <summary>Clients that were closed at once, for there were too many.</summary>
    public required long RefusedCount { get; init; }

    /// <summary>Requests that were read and whose answers are not sent yet.</summary>
    public required int InFlightCount { get; init; }

    /// <summary>Bytes of data that those hold.</summary>
    public required long InFlightBytes { get; init; }

    /// <summary>
    /// What all requests of a server may hold together, their upkeep included; of several servers, one's.
    /// </summary>
    public required long InFlightBytesMax { get; init; }

    /// <summary>Connections that are not read from until there is room for their next request.</summary>
    public required int WaitingCount { get; init; }

    /// <summary>How many requests there were of each command; unknown ones are <c>other</c>.</summary>
    public required IReadOnlyList<(string Command, long Count)> Commands { get; init; }
}
