using Replication.Gateway.Nbd.Wire;

namespace Replication.Gateway.Nbd.Transmission;

/// <summary>Counts the requests of all connections of a server. Any thread; it allocates nothing.</summary>
internal sealed class NbdTraffic
{
    private const int OtherIndex = (int)NbdCommand.BlockStatus + 1;

    private readonly long[] _counts = new long[OtherIndex + 1];

    /// <summary>A request was taken in.</summary>
    internal void Count(NbdCommand command) =>
        Interlocked.Increment(ref _counts[Math.Min((int)command, OtherIndex)]);

    /// <summary>The counts so far; a disconnect is no request.</summary>
    internal IReadOnlyList<(string Command, long Count)> Take() =>
    [
        ("read", At(NbdCommand.Read)),
        ("write", At(NbdCommand.Write)),
        ("flush", At(NbdCommand.Flush)),
        ("trim", At(NbdCommand.Trim)),
        ("cache", At(NbdCommand.Cache)),
        ("write-zeroes", At(NbdCommand.WriteZeroes)),
        ("block-status", At(NbdCommand.BlockStatus)),
        ("other", Interlocked.Read(ref _counts[OtherIndex])),
    ];

    private long At(NbdCommand command) => Interlocked.Read(ref _counts[(int)command]);
}
