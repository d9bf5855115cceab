using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.TestKit;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Gateways whose store has lost changes: what replicas know better is not thrown away.</summary>
public sealed class OldStoreSpecs : DeletionSpec
{
    private const string Older = "its store is older than the data (P4)";

    private readonly List<(string Key, byte[] Value)> _changes = [];

    public OldStoreSpecs() => Store.Changed = (key, entry) =>
        _changes.Add((key, entry is null ? [] : entry.Value.ToArray()));

    [Fact]
    public void P4_a_record_of_a_volume_that_nobody_owned_yet_is_refused_where_a_replica_had_an_owner()
    {
        Create();
        CloseGateway();
        GoBack("volumes/beta", _changes.First(static change => change.Key == "volumes/beta").Value);
        string[] before = Keys;

        Gateway = StartGateway("gateway-b");
        VolumeStatus status = Opened();

        Assert.Equal(VolumeCondition.Failed, status.Condition);
        Assert.Contains(Older, status.Reason, StringComparison.Ordinal);
        Assert.Contains("refuses this owner", status.Reason, StringComparison.Ordinal);
        Assert.All(Nodes, static node => Assert.Single(node.AskedFor<CreateReplica>()));
        Assert.Equal(before, Keys);
        Assert.Equal(0u, Record().Epoch);
        Assert.Equal(status.Reason, Status().Reason);
        Probe.Send(Gateway, new RemoveExport("beta", "beta"));
        Assert.Contains(Older, ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        CloseGateway();
        Assert.Equal(0u, Record().Epoch);
    }

    [Fact]
    public void P4_it_is_refused_too_when_the_node_that_knows_better_is_late()
    {
        Create();
        CloseGateway();
        GoBack("volumes/beta", _changes.First(static change => change.Key == "volumes/beta").Value);
        Nodes[1].Answers = static _ => ReplicaStandIn.Silence;

        Gateway = StartGateway("gateway-b");

        Assert.Contains(Older, Opened().Reason, StringComparison.Ordinal);
        Assert.All(Nodes, static node => Assert.Single(node.AskedFor<CreateReplica>()));
        Assert.Equal(["volumes/beta"], Keys);
    }

    [Fact]
    public void P4_a_deletion_of_such_a_volume_leaves_the_files()
    {
        Create();
        CloseGateway();
        GoBack("volumes/beta", _changes.First(static change => change.Key == "volumes/beta").Value);
        Gateway = StartGateway("gateway-b");
        Opened();

        Assert.Equal(["node1", "node2", "node3"], Delete().LeftOn);
        Assert.Equal(3, Keys.Length);
    }

    [Fact]
    public void P4_a_child_that_the_store_has_forgotten_again_keeps_its_files()
    {
        Array.ForEach(Nodes, static node => node.RegionCount = 1);
        Probe.Send(Gateway, Creation with { Nodes = ["node1", "node2"], SizeBytes = 4096 });
        ExpectMsg<VolumeReady>();
        Nodes[2].ComesBack = true;
        Probe.Send(Gateway, new AddChild("beta", "node3"));
        ExpectMsg<ChildAdded>(timeout: TimeSpan.FromSeconds(20));
        Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(ChildState.Synced, Record().Children[2].State);
        CloseGateway();
        int marked = _changes.FindIndex(static change =>
            change.Key.StartsWith("deleted/", StringComparison.Ordinal));
        GoBack(_changes[marked].Key, _changes[marked].Value);
        GoBack("volumes/beta", _changes[marked - 1].Value);
        Assert.Equal(2, Record().Children.Length);
        int before = Nodes[2].AskedFor<RemoveReplica>().Count;

        Gateway = StartGateway("gateway-b");
        Advance(TimeSpan.FromSeconds(1));

        RemoveReplica asked = Nodes[2].AskedFor<RemoveReplica>().Skip(before).Single();
        Assert.True(Nodes[2].Serial > asked.Serial);
        Assert.Equal(2, Keys.Length);
    }

    [Fact]
    public void A_child_that_was_removed_after_the_record_changed_once_more_is_cleared_by_what_is_known_now()
    {
        Create();
        Nodes[2].Answers = static request => request is RemoveReplica ? ReplicaStandIn.Silence : null;
        Store.Changed = (key, entry) =>
        {
            _changes.Add((key, entry is null ? [] : entry.Value.ToArray()));
            if (key.StartsWith("deleted/", StringComparison.Ordinal) && entry is not null)
            {
                // Between mark and record: the child that goes has the record of it, too.
                Probe.Send(
                    Gateway, new AddExport("beta", new VolumeExport("x", "xx", false, "d")));
            }
        };
        Probe.Send(Gateway, new RemoveChild("beta", "children.2"));
        Advance(TimeSpan.FromSeconds(20));
        Probe.ReceiveN(Probe.WaitingCount);
        Store.Changed = null;
        Assert.True(Nodes[2].Serial > 0);
        Nodes[2].Answers = null;
        StartAgain();
        Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["volumes/beta"], Keys);
    }

    private void GoBack(string key, byte[] value)
    {
        long revision = Store.Entries.FirstOrDefault(entry => entry.Key == key)?.Revision ?? 0;
        Await(Store.CompareAndSetAsync(key, revision, value));
    }

    private VolumeStatus Opened()
    {
        Probe.Send(Gateway, new AwaitVolume("beta"));
        return ExpectMsg<VolumeReady>(timeout: TimeSpan.FromSeconds(20)).Status;
    }

    private VolumeRecord Record() =>
        Assert.IsType<VolumeLookup.Found>(Await(new VolumeRecords(Store).GetAsync("beta"))).Entry.Record;
}
