using Replication.Coordinator.Entry;
using Replication.Gateway.Qmp.Blocks;
using Replication.Gateway.Qmp.Commands;

namespace Replication.Gateway.Tests.Qmp;

/// <summary>Names of nodes that are coming into being while nobody knows whether they will.</summary>
public sealed class NameClaimTests : IAsyncLifetime
{
    private const string Unanswered =
        "The gateway did not answer within 1 s; what became of the request is unknown";

    private readonly BlockFixture _block = new(TimeSpan.FromSeconds(1));

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _block.DisposeAsync().AsTask();

    [Fact]
    public void The_names_of_a_creation_are_taken_until_it_has_ended_however_long_that_takes()
    {
        _block.Qmp.Answer = asked => asked is CreateVolume ? null : _block.Volumes.Answer(asked);
        _block.Refuse("blockdev-add", Quorum("q1", "c3", "c4"), Unanswered);

        _block.Refuse(
            "blockdev-add",
            Quorum("q2", "c4", "c7"),
            "Another command is changing one of the nodes q2, c4, c7; try again");
        _block.Refuse("blockdev-del", """{"node-name":"c3"}""", "Node c3 is in use");
        _block.Refuse(
            "blockdev-add",
            """{"driver":"replica","node-name":"q1","host":"node1"}""",
            "Duplicate nodes with node-name='q1'");
        Assert.Single(_block.Done);

        _block.Qmp.AnswerLate(new AdminRefused("the store does not answer"));
        _block.Qmp.Answer = _block.Volumes.Answer;

        SucceedSoon("blockdev-add", Quorum("q2", "c4", "c7"));
        _block.Succeed("blockdev-del", """{"node-name":"c3"}""");
    }

    [Fact]
    public void The_same_holds_for_a_child_an_export_and_a_deletion_that_are_under_way()
    {
        _block.OpenNbd();
        _block.Qmp.Answer = asked => asked is QueryVolumes ? _block.Volumes.Answer(asked) : null;
        const string Export = """{"type":"nbd","id":"e","node-name":"q0","name":"disk"}""";
        _block.Refuse("x-blockdev-change", """{"parent":"q0","node":"c3"}""", Unanswered);
        _block.Refuse("child-add", """{"volume":"q0","node":"node1","node-name":"d"}""", Unanswered);
        _block.Refuse("block-export-add", Export, Unanswered);
        _block.Refuse("blockdev-del", """{"node-name":"qb"}""", Unanswered);

        _block.Refuse(
            "x-blockdev-change", """{"parent":"qb","node":"c3"}""", "The node c3 already has a parent");
        _block.Refuse(
            "child-add",
            """{"volume":"qb","node":"node1","node-name":"d"}""",
            "Duplicate nodes with node-name='d'");
        _block.Refuse("block-export-add", Export, "Block export id 'e' is already in use");
        _block.Refuse("blockdev-del", """{"node-name":"qb"}""", "Node qb is in use");
        Assert.Equal(4, _block.Done.Count());

        _block.Qmp.AnswerLate(new AdminRefused("it did not work out"));
        _block.Qmp.Answer = _block.Volumes.Answer;

        SucceedSoon("x-blockdev-change", """{"parent":"q0","node":"c3"}""");
        SucceedSoon("block-export-add", Export);
        SucceedSoon("blockdev-del", """{"node-name":"qb"}""");
    }

    [Fact]
    public void There_is_an_end_to_the_names_that_requests_without_an_answer_keep()
    {
        GatewayCalls nobody = new(null!, TimeSpan.Zero);
        BlockGraph graph = new(nobody);
        string[] all = [.. Enumerable.Range(0, BlockGraph.ClaimsMax).Select(static n => $"n{n}")];

        using NameClaim? most = graph.TryClaim(all);

        Assert.NotNull(most);
        Assert.Null(graph.TryClaim(["one-more"]));
    }

    /// <summary>The late answer is on its way to the claim.</summary>
    private void SucceedSoon(string command, string arguments) => Assert.True(SpinWait.SpinUntil(
        () => _block.Run(command, arguments) == """{"return":{}}""", TimeSpan.FromSeconds(10)));

    private static string Quorum(string name, params string[] children) =>
        $$"""{"driver":"quorum","node-name":"{{name}}","vote-threshold":2,"children":["""
        + string.Join(',', children.Select(static child => $"\"{child}\"")) + "]}";
}
