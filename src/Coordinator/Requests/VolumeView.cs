using System.Collections.Immutable;
using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>One child under one session, as a request sees it.</summary>
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
/// <remarks>
/// A request counts positions: those of the children first, those of the targets after them.
/// </remarks>
internal sealed record VolumeView(
    string VolumeName, VolumeOptions Options, VolumeSettings Settings, ImmutableArray<ChildView> Children)
{
    /// <summary>
    /// Children that are being resynced: they get every write and never vote, and their failure costs the
    /// client nothing (P15).
    /// </summary>
    internal ImmutableArray<ChildView> Targets { get; init; } = [];

    /// <summary>
    /// True while a volume is suspended and copied from its continuous children alone (P12 b): then
    /// <see cref="Children"/> are those, and the version comes from them as in a reconcile (P18).
    /// </summary>
    internal bool IsSource { get; init; }

    /// <summary>Numbers of the bad 4 KiB blocks, rising: reads of them fail (P22).</summary>
    internal ImmutableArray<long> BadBlocks { get; init; } = [];

    /// <summary>The owner's; 0 of a view without children, on which nothing runs.</summary>
    internal uint Epoch => Children.Length == 0 ? 0 : Children[0].Ticket.Epoch;

    /// <summary>t.</summary>
    internal int Threshold => Options.Threshold;

    /// <summary>Children and targets.</summary>
    internal int PositionCount => Children.Length + Targets.Length;

    /// <summary>The child or target at a position.</summary>
    internal ChildView At(int position) =>
        position < Children.Length ? Children[position] : Targets[position - Children.Length];
}
