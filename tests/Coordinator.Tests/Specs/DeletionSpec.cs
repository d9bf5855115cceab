using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.TestKit;
using Replication.TestKit.Simulation;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>A gateway with three storage nodes, all stand-ins, for specs that delete volumes.</summary>
public abstract class DeletionSpec : TestKitBase
{
    private protected SimulatedStore Store { get; }

    private protected Queue<Action> HeldSteps { get; } = new();

    private protected ReplicaStandIn[] Nodes { get; }

    private protected List<object> Said { get; } = [];

    private protected IActorRef Gateway { get; set; }

    private protected bool IsStoreHeld { get; set; }

    protected DeletionSpec()
    {
        Store = new SimulatedStore(step =>
        {
            if (IsStoreHeld)
            {
                HeldSteps.Enqueue(step);
            }
            else
            {
                World.After(TimeSpan.FromMilliseconds(1), step);
            }
        });
        BufferLedger buffers = new();
        Nodes =
        [
            .. Enumerable.Range(1, 3).Select(number =>
                new ReplicaStandIn(this, buffers, $"node{number}", new byte[4096])),
        ];
        Sys.EventStream.Subscribe<VolumeExported>(new Collector(Said));
        Sys.EventStream.Subscribe<VolumeWithdrawn>(new Collector(Said));
        Gateway = StartGateway("gateway-a");
    }

    private protected string[] Keys => [.. Store.Entries.Select(static entry => entry.Key)];

    private protected static CreateVolume Creation =>
        new("beta", 1 << 20, Nodes: null, new VolumeOptions { Threshold = 2 });

    private protected void Create()
    {
        Probe.Send(Gateway, Creation);
        ExpectMsg<VolumeReady>(timeout: TimeSpan.FromSeconds(20));
    }

    private protected VolumeDeleted Delete(double seconds = 6)
    {
        Probe.Send(Gateway, new DeleteVolume("beta"));
        return ExpectMsg<VolumeDeleted>(timeout: TimeSpan.FromSeconds(seconds));
    }

    private protected VolumeStatus Status()
    {
        Probe.Send(Gateway, new QueryVolumes());
        return ExpectMsg<VolumeList>().Volumes.Single();
    }

    private protected IEnumerable<string> List()
    {
        Probe.Send(Gateway, new QueryVolumes());
        return ExpectMsg<VolumeList>().Volumes.Select(static volume => volume.Name);
    }

    private protected void CloseGateway()
    {
        Probe.Send(Gateway, new CloseGateway());
        ExpectMsg<GatewayClosed>();
        Sys.Stop(Gateway);
        Settle();
    }

    private protected void StartAgain()
    {
        CloseGateway();
        Gateway = StartGateway("gateway-again");
    }

    private protected IActorRef StartGateway(string owner)
    {
        VolumeSeams seams = new(
            new VolumeRecords(Store),
            node => Nodes[int.Parse(node[4..]) - 1].Storage,
            owner,
            new VolumeSettings());
        return Sys.ActorOf(GatewayActor.Props(seams, ["node1", "node2", "node3"]), owner);
    }

    private sealed class Collector(List<object> said) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) => said.Add(message);
    }
}
