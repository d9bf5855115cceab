using Replication.Actors.Disk;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Requests;
using Replication.Messages;
using Replication.TestKit;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>
/// Children that are not added after all: what their nodes made, or make later, is remembered until it is
/// gone.
/// </summary>
public sealed class FailedChildAddSpecs : DeletionSpec
{
    [Fact]
    public void What_a_node_is_to_make_is_remembered_before_it_is_told_until_the_record_has_it()
    {
        CreateOnTwo();
        List<string> order = [];
        Store.Changed = (key, entry) =>
            order.Add((entry is null ? "deleted " : "set ") + key.Split('/')[0]);
        Nodes[2].Answers = request =>
        {
            order.Add(request.GetType().Name);
            return null;
        };

        Probe.Send(Gateway, new AddChild("beta", "node3"));
        ExpectMsg<ChildAdded>();
        Advance(TimeSpan.FromMilliseconds(20));

        Assert.Equal(["set deleted", nameof(CreateReplica), "set volumes"], order[..3]);
        Assert.Contains("deleted deleted", order);
        Assert.Equal(["volumes/beta"], Keys);
    }

    [Fact]
    public void Files_of_a_child_whose_node_was_silent_are_removed_before_the_next_is_added_there()
    {
        CreateOnTwo();
        Nodes[2].Answers = static _ => ReplicaStandIn.Silence;
        Assert.Contains("no answer", Refused(), StringComparison.Ordinal);
        Settle();
        Assert.Equal(2, Keys.Length);
        Nodes[2].Answers = null;
        Nodes[2].Asked.Clear();

        Probe.Send(Gateway, new AddChild("beta", "node3"));
        ExpectMsg<ChildAdded>(timeout: Long);
        Advance(TimeSpan.FromMilliseconds(20));

        Assert.IsType<RemoveReplica>(Nodes[2].Asked[0]);
        Assert.IsType<CreateReplica>(Nodes[2].Asked[1]);
        Assert.Equal(["volumes/beta"], Keys);
    }

    [Fact]
    public void Files_of_a_child_whose_node_refused_are_removed_and_forgotten()
    {
        CreateOnTwo();
        Nodes[2].Answers = static request => request is CreateReplica create
            ? new ReplicaFailed(create.Tag, ReplicaRefusal.DiskError, Errno.NoSpace, "no room")
            : null;

        Assert.Contains("no room", Refused(), StringComparison.Ordinal);
        Advance(TimeSpan.FromMilliseconds(20));

        Assert.Equal(
            Nodes[2].AskedFor<CreateReplica>().Single().Identity,
            Nodes[2].AskedFor<RemoveReplica>().Single().Identity);
        Assert.Equal(["volumes/beta"], Keys);
    }

    [Fact]
    public void A_gateway_that_crashed_while_a_node_made_a_child_has_it_removed_at_its_next_start()
    {
        CreateOnTwo();
        Nodes[2].Keep<CreateReplica>();
        CreateTestProbe().Send(Gateway, new AddChild("beta", "node3"));
        Advance(TimeSpan.FromMilliseconds(100));
        Crash();
        Nodes[2].AnswerKept();

        Gateway = StartGateway("gateway-b");
        Advance(TimeSpan.FromSeconds(1));

        Assert.NotEmpty(Nodes[2].AskedFor<RemoveReplica>());
        Assert.Equal(["volumes/beta"], Keys);
        Assert.Equal(2, Status().Children.Count);
    }

    [Fact]
    public void A_mark_of_a_child_that_the_record_has_is_dropped_when_a_gateway_starts()
    {
        CreateOnTwo();
        Store.Changed = (key, _) => IsStoreHeld |= key == "volumes/beta";
        Probe.Send(Gateway, new AddChild("beta", "node3"));
        Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(2, Keys.Length);
        Crash();

        Gateway = StartGateway("gateway-b");
        Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(3, Status().Children.Count);
        Assert.Equal(["volumes/beta"], Keys);
        Assert.Empty(Nodes[2].AskedFor<RemoveReplica>());
    }

    [Fact]
    public void A_removal_that_is_refused_after_its_mark_was_made_leaves_no_mark()
    {
        Create();
        Store.Changed = (key, entry) =>
        {
            if (key.StartsWith("deleted/", StringComparison.Ordinal) && entry is not null)
            {
                // Two children go while the mark is on its way: no further one may.
                LoseForGood(Nodes[0]);
            }
        };

        Probe.Send(Gateway, new RemoveChild("beta", "children.2"));

        ExpectMsg<AdminRefused>(timeout: Long);
        Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(["volumes/beta"], Keys);
        Assert.Empty(Nodes[2].AskedFor<RemoveReplica>());
    }

    private static TimeSpan Long => TimeSpan.FromSeconds(20);

    private static void LoseForGood(ReplicaStandIn node)
    {
        node.Answers = static _ => ReplicaStandIn.Silence;
        node.LoseConnection();
    }

    private void CreateOnTwo()
    {
        Probe.Send(Gateway, Creation with { Nodes = ["node1", "node2"] });
        ExpectMsg<VolumeReady>();
        Advance(TimeSpan.FromMilliseconds(100));
    }

    private string Refused()
    {
        Probe.Send(Gateway, new AddChild("beta", "node3"));
        return ExpectMsg<AdminRefused>(timeout: Long).Reason;
    }

    /// <summary>What was on its way to the store dies with the gateway.</summary>
    private void Crash()
    {
        Store.Changed = null;
        IsStoreHeld = true;
        Sys.Stop(Gateway);
        Settle();
        HeldSteps.Clear();
        IsStoreHeld = false;
        Advance(TimeSpan.FromSeconds(1));
        Nodes[2].Asked.RemoveAll(static asked => asked is RemoveReplica);
        Probe.ReceiveN(Probe.WaitingCount);
    }
}
