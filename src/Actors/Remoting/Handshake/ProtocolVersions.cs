namespace Replication.Actors.Remoting.Handshake;

/// <summary>Versions of what two systems say to each other. Each speaks its own and the one before.</summary>
public static class ProtocolVersions
{
    /// <summary>The version of this build.</summary>
    public const ushort Current = 1;

    /// <summary>The least version that a build of <paramref name="version"/> still speaks.</summary>
    public static ushort LeastOf(ushort version) => (ushort)Math.Max(1, version - 1);
}
