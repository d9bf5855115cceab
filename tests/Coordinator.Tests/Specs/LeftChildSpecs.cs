using Replication.Actors;
using Replication.Coordinator.Entry;
using Replication.Messages;
using Replication.TestKit;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Children that are taken out while their nodes cannot be told: the files stay there.</summary>
public sealed class LeftChildSpecs : DeletionSpec
{
    [Fact]
    public void A_removed_child_is_remembered_before_the_record_changes_until_its_node_answers()
    {
        Create();
        List<string> order = [];
        Store.Changed = (key, entry) =>
            order.Add((entry is null ? "deleted " : "set ") + key.Split('/')[0]);

        Assert.False(Remove().IsLeft);

        Assert.Equal(["set deleted", "set volumes", "deleted deleted"], order);
        Assert.Equal(["volumes/beta"], Keys);
        Assert.Single(Nodes[2].AskedFor<RemoveReplica>());
    }

    [Fact]
    public void An_answer_says_what_is_left_and_the_node_is_asked_again_before_a_child_is_added_there()
    {
        Leave();

        Probe.Send(Gateway, new AddChild("beta", "node3"));
        AdminRefused refused = ExpectMsg<AdminRefused>(timeout: Long);
        Assert.Contains("left there", refused.Reason, StringComparison.Ordinal);
        Assert.Single(Nodes[2].AskedFor<CreateReplica>());
        ComeBack();
        Probe.Send(Gateway, new AddChild("beta", "node3"));
        ExpectMsg<ChildAdded>(timeout: Long);
        Advance(TimeSpan.FromMilliseconds(20));

        AssertRemovedBeforeMadeAgain();
        Assert.Equal(["volumes/beta"], Keys);
    }

    [Fact]
    public void A_gateway_that_starts_asks_again_and_leaves_the_children_that_the_volume_has_alone()
    {
        Leave();
        ComeBack();
        Nodes[2].Asked.Clear();

        StartAgain();
        Advance(TimeSpan.FromSeconds(1));

        Assert.Single(Nodes[2].AskedFor<RemoveReplica>());
        Assert.Empty(Nodes[0].AskedFor<RemoveReplica>());
        Assert.Equal(["volumes/beta"], Keys);
    }

    [Fact]
    public void A_volume_of_that_name_is_made_after_the_node_was_asked_again()
    {
        Leave();
        Assert.Empty(Delete().LeftOn);
        ComeBack();

        Create();

        AssertRemovedBeforeMadeAgain();
        Assert.Equal(["volumes/beta"], Keys);
    }

    [Fact]
    public void A_mark_means_nothing_while_the_record_has_the_child()
    {
        Create();
        IsStoreHeld = true;
        CreateTestProbe().Send(Gateway, new RemoveChild("beta", "children.2"));
        Advance(TimeSpan.FromMilliseconds(20));
        while (Keys.Length < 2)
        {
            HeldSteps.Dequeue()();
            Advance(TimeSpan.FromMilliseconds(20));
        }

        // The mark is there, and the record is not changed any more.
        Sys.Stop(Gateway);
        Settle();
        HeldSteps.Clear();
        IsStoreHeld = false;
        Assert.Equal(2, Keys.Length);
        Gateway = StartGateway("gateway-b");
        Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(Nodes[2].AskedFor<RemoveReplica>());
        Assert.Equal(3, Status().Children.Count);
    }

    [Fact]
    public void A_volume_that_closes_before_the_node_answers_says_that_the_files_are_left()
    {
        Create();
        Nodes[2].Keep<RemoveReplica>();
        Probe.Send(Gateway, new RemoveChild("beta", "children.2"));
        Advance(TimeSpan.FromMilliseconds(500));
        TestProbe closer = CreateTestProbe();
        closer.Send(Gateway, new CloseGateway());

        Assert.True(ExpectMsg<ChildRemoved>().IsLeft);
        Assert.Equal(2, Keys.Length);
    }

    [Fact]
    public void A_volume_that_closes_while_the_record_changes_ends_well_and_the_mark_stays()
    {
        Create();
        IsStoreHeld = true;
        bool isWritten = false;
        Store.Changed = (key, _) => isWritten |= key == "volumes/beta";
        Probe.Send(Gateway, new RemoveChild("beta", "children.2"));
        Advance(TimeSpan.FromMilliseconds(20));
        while (!isWritten)
        {
            HeldSteps.Dequeue()();
            Advance(TimeSpan.FromMilliseconds(20));
        }

        IsStoreHeld = false;
        TestProbe closer = CreateTestProbe();
        closer.Send(Gateway, new CloseGateway());
        Advance(TimeSpan.FromMilliseconds(20));
        while (HeldSteps.TryDequeue(out Action? step))
        {
            step();
            Advance(TimeSpan.FromMilliseconds(20));
        }

        ExpectMsg<AdminRefused>();
        closer.ExpectMsg<GatewayClosed>(timeout: Long);
        Assert.Single(Nodes[2].AskedFor<RemoveReplica>());
        Assert.Equal(2, Keys.Length);
    }

    private static TimeSpan Long => TimeSpan.FromSeconds(20);

    private ChildRemoved Remove()
    {
        Probe.Send(Gateway, new RemoveChild("beta", "children.2"));
        return ExpectMsg<ChildRemoved>(timeout: Long);
    }

    private void Leave()
    {
        Create();
        Nodes[2].Answers = static request => request is RemoveReplica ? ReplicaStandIn.Silence : null;
        Assert.Equal(new ChildRemoved("children.2") { Node = "node3", IsLeft = true }, Remove());
        Assert.Equal(2, Keys.Length);
    }

    private void ComeBack() => Nodes[2].Answers = null;

    private void AssertRemovedBeforeMadeAgain()
    {
        object[] asked = [.. Nodes[2].Asked.Where(static one => one is RemoveReplica or CreateReplica)];
        Assert.IsType<CreateReplica>(asked[^1]);
        Assert.Equal(
            ((CreateReplica)asked[0]).Identity, Assert.IsType<RemoveReplica>(asked[^2]).Identity);
    }
}
