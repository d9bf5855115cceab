using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.TestKit.Simulation;

namespace Replication.Simulation.Cluster;

/// <summary>
/// Reopens the volume a while after any gateway says that blkverify has stopped it, whatever differs
/// still.
/// </summary>
internal sealed class Administrator
{
    private static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(2);

    private readonly SimulatedCluster _cluster;
    private readonly SeededIdSource _random;
    private bool _isAtWork;

    internal Administrator(SimulatedCluster cluster)
    {
        _cluster = cluster;
        _random = cluster.World.Random("administrator");
        cluster.Published += OnEvent;
    }

    private void OnEvent(VolumeEvent happened)
    {
        if (happened is VolumeConditionChanged { Condition: VolumeCondition.Stopped } && !_isAtWork)
        {
            _isAtWork = true;
            ReopenLater();
        }
    }

    private void ReopenLater() =>
        _cluster.World.After(_random.NextSpan(TimeSpan.Zero, DelayMax), Reopen);

    /// <summary>
    /// A gateway that is down, or refuses, is asked again; one whose volume failed meanwhile is restarted.
    /// </summary>
    private void Reopen()
    {
        string owner = _cluster.Gateways[^1];
        bool hasFailed =
            _cluster.ConditionOf(owner) == VolumeCondition.Failed && _cluster.ExportOf(owner) is null;
        _isAtWork = hasFailed || _cluster.Record is { Stopped: true };
        if (!_isAtWork)
        {
            return;
        }

        if (_cluster.IsUp(owner) && hasFailed)
        {
            _cluster.Model.RotMayWin = true;
            _cluster.Kill(owner);
            _cluster.World.After(2 * SimulatedCluster.StoreLatencyMax, () => Start(owner));
        }
        else if (_cluster.IsUp(owner))
        {
            _cluster.Stops.OnAskedToReopen();
            _cluster.EntryOf(owner).Tell(new ReopenVolume(SimulatedCluster.Volume), new AnswerBox());
        }

        ReopenLater();
    }

    private void Start(string owner)
    {
        if (!_cluster.IsUp(owner))
        {
            _cluster.StartGateway(owner);
        }
    }
}
