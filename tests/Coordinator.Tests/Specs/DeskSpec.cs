using System.Collections.Immutable;
using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Actors.Supervision;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>
/// A request desk alone: the volume around it is a host that the spec tells what to say. Children and targets
/// of its view are stand-ins, open without an opening.
/// </summary>
public abstract class DeskSpec : VolumeSpec
{
    private protected const ulong Epoch1 = 1UL << 40;
    private protected const int Region = RequestLimits.RegionLengthBytes;

    private protected DeskHost Host { get; private set; } = null!;

    /// <summary>Starts a desk over the first nodes as children and the others as targets.</summary>
    private protected void OpenDesk(
        int children = 3, int targets = 0, RangeSet? toReconcile = null, Action? arrange = null)
    {
        MakeNodes(children + targets);
        arrange?.Invoke();
        VolumeView view = new(
            VolumeName, Options, Settings, [.. Enumerable.Range(0, children).Select(ViewOf)])
        {
            Targets = [.. Enumerable.Range(children, targets).Select(ViewOf)],
        };
        Volume = Sys.ActorOf(
            Props.Create(() => Host = new DeskHost(VolumeSizeBytes, Settings, view, toReconcile)), "host");
        Settle();
    }

    /// <summary>A node as a view names it, open under a session of its own.</summary>
    private protected ChildView ViewOf(int node)
    {
        ReplicaTicket ticket = new(1, 1, Nodes[node].Incarnation);
        Nodes[node].Admit(ticket);
        return new ChildView(node, $"{VolumeName}-node{node + 1}", Nodes[node].Replica, ticket);
    }

    private protected static RangeSet Ranges(params (long OffsetBytes, long LengthBytes)[] ranges)
    {
        RangeSet set = new();
        Array.ForEach(ranges, range => set.Add(range.OffsetBytes, range.LengthBytes));
        return set;
    }

    /// <summary>Does something within the host, and lets what follows happen.</summary>
    private protected void Do(Action<DeskHost> action)
    {
        Volume.Tell(action);
        Settle();
    }

    private protected void Serve(VolumeView view) => Do(host => host.Serve(view));

    /// <summary>The volume's actor as far as the desk knows it.</summary>
    internal sealed class DeskHost(
        long sizeBytes, VolumeSettings settings, VolumeView view, RangeSet? toReconcile) : Actor
    {
        internal RequestDesk Desk { get; private set; } = null!;

        internal VolumeView View { get; private set; } = view;

        internal List<RequestEnded> Ended { get; } = [];

        internal List<JudgeChildren> Judged { get; } = [];

        /// <summary>What was told that the desk itself does not want.</summary>
        internal List<object> Told { get; } = [];

        /// <summary>Who told the last of it.</summary>
        internal IActorRef? Teller { get; private set; }

        internal int ReconciledCount { get; private set; }

        /// <summary>What children that fail are told to be: recorded, so that the view loses them.</summary>
        internal bool CanRecord { get; set; } = true;

        protected override SupervisorStrategy SupervisorStrategy => SupervisorStrategy.Stopping;

        internal void Serve(VolumeView next)
        {
            View = next;
            Desk.SetGate(new Gate.Serve(next));
        }

        protected override void PreStart()
        {
            Desk = new RequestDesk(Context, sizeBytes, settings, () => ReconciledCount++);
            Desk.BeginEpoch(1, toReconcile ?? new RangeSet(), hotZones: 0);
            Desk.SetGate(new Gate.Serve(View));
        }

        protected override void PostStop() => Desk.FailAll(new RangeFailed(Errno.Shutdown, "stopped"));

        protected override void Receive(object message)
        {
            switch (message)
            {
                case RangeRequest request:
                    Desk.TakeIn(request, Sender);
                    break;
                case RequestEnded ended:
                    Ended.Add(ended);
                    Drop(ended.Faults);
                    Desk.OnEnded(ended);
                    break;
                case JudgeChildren judge:
                    Judged.Add(judge);
                    if (CanRecord)
                    {
                        Drop(judge.Faults);
                    }

                    Sender.Tell(new ChildrenJudged(CanRecord), Self);
                    break;
                case TakeRepairStamp take:
                    Sender.Tell(Desk.TakeRepairStamp(take.RequestId), Self);
                    break;
                case DeskTick tick:
                    Desk.OnTick(tick);
                    break;
                case Action<DeskHost> action:
                    action(this);
                    break;
                default:
                    Told.Add(message);
                    Teller = Sender;
                    break;
            }
        }

        /// <summary>Children and targets with a fault leave the view; who asks them hears of it.</summary>
        private void Drop(IReadOnlyList<ChildFault> faults)
        {
            if (faults.Count == 0)
            {
                return;
            }

            Desk.TellRunning([.. faults.Select(static fault =>
                new ChildLost(fault.ChildIndex, fault.Session, fault.Errno, fault.Reason))]);
            Serve(View with { Children = Without(View.Children), Targets = Without(View.Targets) });

            ImmutableArray<ChildView> Without(ImmutableArray<ChildView> children) =>
                [.. children.Where(child => faults.All(fault => fault.ChildIndex != child.Index))];
        }
    }
}
