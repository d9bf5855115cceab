namespace Replication.Actors.Remoting.Handshake;

/// <summary>
/// Versions of what two systems say to each other. Each speaks its own and the one before, but none from 2
/// on speaks 1, whose requests have no numbers.
/// </summary>
public static class ProtocolVersions
{
    /// <summary>The version of this build.</summary>
    public const ushort Current = 2;

    /// <summary>The least version that a build of <paramref name="version"/> still speaks.</summary>
    public static ushort LeastOf(ushort version) =>
        (ushort)Math.Max(Math.Min(version, (ushort)2), version - 1);
}
