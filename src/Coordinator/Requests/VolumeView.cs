using System.Collections.Immutable;
using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>One Synced child under one session, as a request sees it.</summary>
/// <param name="Index">N of <c>children.N</c>.</param>
/// <param name="NodeName">The replica's name in events, <c>VOLUME-NODE</c>.</param>
/// <param name="Replica">Who is asked.</param>
/// <param name="Ticket">What each request to it carries (P8).</param>
internal sealed record ChildView(int Index, string NodeName, IActorRef Replica, ReplicaTicket Ticket);

/// <summary>
/// What a request needs to know of its volume, fixed at its start: the volume makes a new one whenever a
/// child, a session or an option changes. Every child recorded Synced is in it, and all of them can be
/// reached.
/// </summary>
internal sealed record VolumeView(
    string VolumeName, VolumeOptions Options, VolumeSettings Settings, ImmutableArray<ChildView> Children)
{
    /// <summary>t.</summary>
    internal int Threshold => Options.Threshold;
}
