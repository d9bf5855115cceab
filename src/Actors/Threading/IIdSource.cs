namespace Replication.Actors.Threading;

/// <summary>The seam for randomness and ids. Implementations are safe to call from any thread.</summary>
public interface IIdSource
{
    /// <summary>A number spread over all 64 bits.</summary>
    ulong NextUInt64();

    /// <summary>A new random (version 4) id.</summary>
    Guid NewGuid();
}
