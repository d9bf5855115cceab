using Replication.Messages;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Storage;

/// <summary>Where a node keeps what, below its folder; and which volumes it can keep at all.</summary>
internal static class ReplicaPaths
{
    /// <summary>Longest name of a volume.</summary>
    internal const int VolumeNameLengthMax = 128;

    internal static string Folder(string volumeName) => $"volumes/{volumeName}";

    internal static string Data(string folder) => $"{folder}/data.raw";

    internal static string Sidecar(string folder) => $"{folder}/sidecar";

    /// <summary>Where a replica is made before it is moved to its place whole.</summary>
    internal static string Staging(Guid replicaId) => $"new/{replicaId:N}";

    /// <summary>A place in the trash that nothing has had before.</summary>
    internal static string Trash(string name, ulong random) => $"trash/{name}-{random:x16}";

    /// <summary>
    /// Null when a replica of that identity can have files here, else what is wrong with it.
    /// </summary>
    internal static string? Problem(ReplicaIdentity identity)
    {
        string name = identity.VolumeName;
        if (name.Length is 0 or > VolumeNameLengthMax || name[0] == '.' || !name.All(IsNameCharacter))
        {
            return $"'{name}' is no name of a volume: 1 to {VolumeNameLengthMax} of letters, digits, "
                + "'.', '_' and '-', the first one not '.'";
        }

        return identity.SizeBytes is > 0 and <= SidecarLayout.SizeMaxBytes
            ? null
            : $"a volume has 1 to {SidecarLayout.SizeMaxBytes} bytes, not {identity.SizeBytes}";
    }

    private static bool IsNameCharacter(char character) =>
        char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-';
}
