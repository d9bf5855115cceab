using Replication.Actors.Disk;
using Replication.Messages;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>Judges an open by what the sidecar says, ids before everything else (P5, P4).</summary>
internal static class OpenCheck
{
    /// <summary>Null when only the fence is left to ask.</summary>
    internal static ReplicaFailed? Problem(OpenReplica open, SidecarHeader header)
    {
        ReplicaIdentity identity = open.Identity;
        if (IdentityProblem(open.Tag, identity, header) is ReplicaFailed wrong)
        {
            return wrong;
        }

        if (open.Serial < header.Serial)
        {
            return new ReplicaFailed(
                open.Tag,
                ReplicaRefusal.StaleSerial,
                Errno.Stale,
                $"the record here has serial {header.Serial}, the opener's {open.Serial}: "
                    + "its store is older than the data (P4)");
        }

        return identity.SizeBytes == header.SizeBytes
            ? null
            : new ReplicaFailed(
                open.Tag,
                ReplicaRefusal.BadRequest,
                Errno.Invalid,
                $"the volume has {header.SizeBytes} bytes here, {identity.SizeBytes} for the opener");
    }

    /// <summary>
    /// Null when the replica may be moved away: it is the one that is meant, and who asks knows at least what
    /// the sidecar knows of the volume. Otherwise its store lacks changes, and among them may be the one that
    /// this replica counts by (P4).
    /// </summary>
    internal static ReplicaFailed? RemovalProblem(RemoveReplica remove, SidecarHeader header)
    {
        if (IdentityProblem(remove.Tag, remove.Identity, header) is ReplicaFailed wrong)
        {
            return wrong;
        }

        if (remove.Serial < header.Serial)
        {
            return new ReplicaFailed(
                remove.Tag,
                ReplicaRefusal.StaleSerial,
                Errno.Stale,
                $"the record here has serial {header.Serial}, the remover's {remove.Serial}: "
                    + "its store is older than the data (P4)");
        }

        return remove.Epoch >= header.FenceEpoch
            ? null
            : new ReplicaFailed(
                remove.Tag,
                ReplicaRefusal.StaleEpoch,
                Errno.Stale,
                $"epoch {header.FenceEpoch} was accepted here, the remover's is {remove.Epoch}: "
                    + "its store is older than the data (P4)");
    }

    /// <summary>Null when volume and replica are the ones of the sidecar.</summary>
    internal static ReplicaFailed? IdentityProblem(int tag, ReplicaIdentity identity, SidecarHeader header) =>
        identity.VolumeId == header.VolumeId && identity.ReplicaId == header.ReplicaId
            ? null
            : new ReplicaFailed(
                tag,
                ReplicaRefusal.WrongReplica,
                Errno.Invalid,
                $"here lies replica {header.ReplicaId} of volume {header.VolumeId}, "
                    + $"not {identity.ReplicaId} of {identity.VolumeId}");
}
