namespace Replication.Actors.Remoting.Handshake;

/// <summary>Who may talk to whom: pure functions, used by both sides of a handshake.</summary>
internal static class HandshakeRules
{
    /// <summary>Why a hello is refused, as a sentence for both logs; null when it is welcome.</summary>
    internal static string? Refuse(Hello hello, string clusterName, ulong systemUid, ushort version)
    {
        if (!string.Equals(hello.ClusterName, clusterName, StringComparison.Ordinal))
        {
            return $"the cluster here is '{clusterName}', not '{hello.ClusterName}'";
        }

        if (hello.SystemUid == systemUid)
        {
            return "a system does not connect to itself";
        }

        if (CommonVersion(hello, version) == 0)
        {
            return $"protocol versions {ProtocolVersions.LeastOf(version)} to {version} are spoken here, "
                + $"not {hello.LeastVersion} to {hello.Version}";
        }

        return null;
    }

    /// <summary>The highest version that both speak, or 0.</summary>
    internal static ushort CommonVersion(Hello hello, ushort version)
    {
        ushort common = Math.Min(hello.Version, version);
        bool isSpoken = common >= hello.LeastVersion && common >= ProtocolVersions.LeastOf(version);
        return isSpoken ? common : (ushort)0;
    }
}
