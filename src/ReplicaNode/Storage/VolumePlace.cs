using Replication.Actors;
using Replication.Messages;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Storage;

/// <summary>A command to the storage actor with what is needed to answer it.</summary>
internal sealed record StorageCommand(object Message, int Tag, ReplicaIdentity Identity, IActorRef ReplyTo);

/// <summary>What the storage actor knows of one volume's place.</summary>
internal sealed class VolumePlace(string volumeName)
{
    internal string VolumeName { get; } = volumeName;

    /// <summary>The replica in use, if one is.</summary>
    internal IActorRef? Replica { get; set; }

    /// <summary>
    /// Of the replica in use: its ids never change, the rest is as it was when it was loaded.
    /// </summary>
    internal SidecarHeader? Header { get; set; }

    /// <summary>The child at work for <see cref="Current"/>, if one is.</summary>
    internal IActorRef? Worker { get; set; }

    /// <summary>The command that is being carried out; all others wait.</summary>
    internal StorageCommand? Current { get; set; }

    internal Queue<StorageCommand> Waiting { get; } = new();
}
