using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Simulation.Checking;
using Replication.Simulation.Cluster;
using Replication.TestKit.Simulation;

namespace Replication.Simulation.Faults;

/// <summary>
/// What goes wrong with owners, what administrators do to a running one, and what takes several hosts at
/// once.
/// </summary>
internal sealed class OwnerFaults(
    SimulatedCluster cluster, SeededIdSource random, IReadOnlyList<SimulatedClient> clients)
{
    /// <summary>A killed gateway's last change of the record is over by then.</summary>
    private static readonly TimeSpan RestartMin = 2 * SimulatedCluster.StoreLatencyMax;

    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(15);

    private string Owner => cluster.Gateways[^1];

    /// <summary>Makes one fault happen; false where it cannot.</summary>
    internal bool Strike(FaultKind kind, string node, TimeSpan lasts)
    {
        if (!cluster.IsUp(Owner))
        {
            return false;
        }

        switch (kind)
        {
            case FaultKind.Takeover:
                TakeOver();
                return true;
            case FaultKind.PausedGateway:
                SimulatedNode paused = cluster.World.Node(Owner);
                paused.Pause();
                cluster.World.After(lasts, paused.Resume);
                return true;
            case FaultKind.KilledGateway:
                cluster.Kill(Owner);
                StartAfter(Owner, RestartMin + (lasts / 4));
                return true;
            case FaultKind.ClosedGateway:
                Close(Owner, lasts);
                return true;
            case FaultKind.PowerLoss:
                CutPowerOf([.. cluster.StorageNodes.Where(_ => random.Chance(0.5))], random.Chance(0.3));
                return true;
            case FaultKind.TotalPowerLoss:
                CutPowerOf(cluster.StorageNodes, gatewayToo: random.Chance(0.5));
                return true;
            case FaultKind.StoreLost:
                cluster.Store.LoseNextAnswer(
                    random.Chance(0.5) ? UnknownOutcome.Applied : UnknownOutcome.NotApplied);
                return true;
            case FaultKind.ChildAdded:
                cluster.EntryOf(Owner).Tell(new AddChild(SimulatedCluster.Volume, node), new AnswerBox());
                return true;
            default:
                return RemoveChild(node);
        }
    }

    internal void Heal()
    {
        cluster.Gateways.ForEach(gateway => cluster.World.Node(gateway).Resume());
        Start(Owner);
        foreach (SimulatedClient client in clients)
        {
            client.Gateway = Owner;
        }
    }

    private void CutPowerOf(IReadOnlyList<string> nodes, bool gatewayToo)
    {
        TimeSpan downMax = random.Chance(0.5) ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromSeconds(9);
        foreach (string node in nodes.Where(cluster.IsUp))
        {
            cluster.CutPower(node);
            cluster.World.After(random.NextSpan(TimeSpan.Zero, downMax), () => StartStorage(node));
        }

        if (gatewayToo)
        {
            cluster.CutPower(Owner);
            StartAfter(Owner, RestartMin + random.NextSpan(TimeSpan.Zero, downMax));
        }
    }

    private void StartStorage(string node)
    {
        if (!cluster.IsUp(node))
        {
            cluster.StartStorage(node);
        }
    }

    private void StartAfter(string gateway, TimeSpan delay) =>
        cluster.World.After(delay, () => Start(gateway));

    private void Start(string gateway)
    {
        if (!cluster.IsUp(gateway))
        {
            cluster.StartGateway(gateway);
        }
    }

    private void Close(string gateway, TimeSpan lasts)
    {
        SimulatedNode closing = cluster.World.Node(gateway);
        cluster.EntryOf(gateway).Tell(new CloseGateway(), new ClosedBox(closing));
        cluster.World.After(CloseLimit, closing.Crash);
        closing.OnCrash(() => StartAfter(gateway, RestartMin + (lasts / 4)));
    }

    private bool RemoveChild(string node)
    {
        VolumeChild? child = cluster.Record!.Children.FirstOrDefault(one => one.Node == node);
        if (child is null)
        {
            return false;
        }

        cluster.EntryOf(Owner).Tell(
            new RemoveChild(SimulatedCluster.Volume, child.Name), new AnswerBox());
        return true;
    }

    /// <summary>
    /// Some clients move to the new gateway, the others stay with the old one, which does not know yet.
    /// </summary>
    private void TakeOver()
    {
        string next = $"gateway{cluster.Gateways.Count + 1}";
        cluster.StartGateway(next);
        foreach (SimulatedClient client in clients)
        {
            if (random.Chance(0.6))
            {
                client.Gateway = next;
            }
        }
    }

    /// <summary>Ends a gateway's process when it has closed its volumes.</summary>
    private sealed class ClosedBox(SimulatedNode gateway) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) =>
            gateway.Time.CreateTimer(
                _ => gateway.Crash(), state: null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
