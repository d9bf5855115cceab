using System.Globalization;

namespace Replication.Messages;

/// <summary>
/// Names one request of a volume, the same on the gateway and on every storage node that works for it: the
/// owner's epoch and a number that rises with each request of that owner. No two requests of a volume have
/// the same, for each start of a gateway raises the epoch (P10).
/// </summary>
/// <param name="Epoch">The owner's epoch; 0 for a request that was refused before there was one.</param>
/// <param name="Number">From 1; 0 for what an owner asks of its replicas outside any request.</param>
public readonly record struct RequestId(uint Epoch, ulong Number)
{
    /// <summary><c>EPOCH-NUMBER</c> in decimal; unique within a volume.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}-{Number}");

    /// <summary><c>VOLUME/EPOCH-NUMBER</c>: how logs and traces call it, unique within a cluster.</summary>
    public string In(string volumeName) =>
        string.Create(CultureInfo.InvariantCulture, $"{volumeName}/{Epoch}-{Number}");
}
