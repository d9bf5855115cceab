using System.Text;
using Replication.Cluster.Records;
using Replication.Messages;
using Replication.TestKit.Simulation;
using static Replication.Cluster.Tests.Records.RecordSamples;

namespace Replication.Cluster.Tests.Records;

/// <summary>What the store remembers of deleted volumes.</summary>
public sealed class LeftReplicasTests
{
    private static readonly LeftReplica First = Left("vm-1", 1);

    private readonly SimulatedStore _store = new(static step => step());
    private readonly LeftReplicas _left;

    public LeftReplicasTests() => _left = new VolumeRecords(_store).Left;

    [Fact]
    public async Task A_replica_is_remembered_once_and_forgotten_by_whoever_comes_first()
    {
        LeftReplicaEntry entry = await _left.AddAsync(First);
        Assert.Equal(entry, await _left.AddAsync(First));
        Assert.Equal([entry], (await _left.ListAsync()).Entries);

        Assert.True(await _left.RemoveAsync(entry));
        Assert.False(await _left.RemoveAsync(entry));
        Assert.Empty(_store.Entries);
    }

    [Fact]
    public async Task P4_what_is_known_with_a_replica_that_is_remembered_already_only_grows()
    {
        await _left.AddAsync(First);

        LeftReplicaEntry raised = await _left.AddAsync(First with { Serial = 9, Epoch = 1 });
        Assert.Equal((9L, 2u), (raised.Replica.Serial, raised.Replica.Epoch));
        Assert.Equal(raised, await _left.AddAsync(First with { Serial = 8 }));

        Assert.Equal([raised], (await _left.ListAsync()).Entries);
        Assert.True(await _left.RemoveAsync(raised));
    }

    [Fact]
    public async Task P4_an_entry_that_says_nothing_of_serial_and_epoch_is_known_with_none()
    {
        await _left.AddAsync(First);
        var entry = Assert.Single(_store.Entries);
        var root = System.Text.Json.Nodes.JsonNode.Parse(entry.Value.Span)!.AsObject();
        root.Remove("serial");
        root.Remove("epoch");
        byte[] changed = Encoding.UTF8.GetBytes(root.ToJsonString());
        await _store.CompareAndSetAsync(entry.Key, entry.Revision, changed);

        Assert.Equal(
            First with { Serial = 0, Epoch = 0 }, Assert.Single((await _left.ListAsync()).Entries).Replica);
    }

    [Fact]
    public async Task Those_of_one_volume_name_are_not_those_of_another_that_begins_like_it()
    {
        await _left.AddAsync(First);
        await _left.AddAsync(Left("vm-1.old", 2));
        await _left.AddAsync(Left("vm-1", 3));

        Assert.Equal(
            [Id(1), Id(3)],
            (await _left.ListAsync("vm-1")).Entries.Select(static entry => entry.Replica.Identity.ReplicaId));
        Assert.Equal(3, (await _left.ListAsync()).Entries.Count);
        Assert.Empty((await _left.ListAsync("vm")).Entries);
    }

    [Fact]
    public async Task They_are_no_volumes()
    {
        await _left.AddAsync(First);
        Assert.Empty(await new VolumeRecords(_store).ListAsync());
    }

    [Theory]
    [InlineData("format", "2")]
    [InlineData("volume", "\"vm-2\"")]
    [InlineData("volume", "\"../x\"")]
    [InlineData("node", "\"\"")]
    [InlineData("node", "null")]
    [InlineData("replica-id", "\"00000002-0000-0000-0000-000000000001\"")]
    [InlineData("size-bytes", "0")]
    [InlineData("serial", "-1")]
    [InlineData("epoch", "16777216")]
    [InlineData("more", "1")]
    public async Task What_cannot_be_read_or_says_something_else_than_its_key_is_counted_and_left_alone(
        string field, string value)
    {
        await _left.AddAsync(First);
        var entry = Assert.Single(_store.Entries);
        string json = Encoding.UTF8.GetString(entry.Value.Span);
        var root = System.Text.Json.Nodes.JsonNode.Parse(json)!.AsObject();
        root[field] = System.Text.Json.Nodes.JsonNode.Parse(value);
        byte[] changed = Encoding.UTF8.GetBytes(root.ToJsonString());
        await _store.CompareAndSetAsync(entry.Key, entry.Revision, changed);

        LeftReplicaList list = await _left.ListAsync();

        Assert.Empty(list.Entries);
        Assert.Equal(1, list.UnreadableCount);
    }

    [Fact]
    public async Task The_format_is_as_it_was_first_written()
    {
        await _left.AddAsync(First);
        var entry = Assert.Single(_store.Entries);
        Assert.Equal("deleted/vm-1/00000001000000000000000000000001", entry.Key);
        Assert.Equal(
            """
            {"format":1,"volume":"vm-1","volume-id":"00000009-0000-0000-0000-000000000001","node":"node1",
            "replica-id":"00000001-0000-0000-0000-000000000001","size-bytes":4096,"serial":7,"epoch":2}
            """.Replace("\n", "", StringComparison.Ordinal),
            Encoding.UTF8.GetString(entry.Value.Span));
    }

    private static LeftReplica Left(string volume, int replica) =>
        new("node1", new ReplicaIdentity(volume, Id(9), Id(replica), 4096), Serial: 7, Epoch: 2);
}
