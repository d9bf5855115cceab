using System.Security.Cryptography;

namespace Replication.Actors.Threading;

/// <summary>The real source: the operating system's random numbers, so that ids never meet again.</summary>
public sealed class RandomIdSource : IIdSource
{
    /// <summary>One for all systems of a process: it has no state.</summary>
    public static RandomIdSource Instance { get; } = new();

    /// <inheritdoc/>
    public ulong NextUInt64()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }

    /// <inheritdoc/>
    public Guid NewGuid() => Guid.NewGuid();
}
