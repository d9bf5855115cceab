using System.Text;
using Replication.Cluster.Records;
using Replication.TestKit.Simulation;
using static Replication.Cluster.Records.ChildState;
using static Replication.Cluster.Tests.Records.RecordSamples;

namespace Replication.Cluster.Tests.Records;

/// <summary>Records in a store: keys, conflicts, and what a lost answer leaves open.</summary>
public sealed class VolumeRecordsTests
{
    private readonly SimulatedStore _store = new(static step => step());
    private readonly VolumeRecords _records;

    public VolumeRecordsTests() => _records = new VolumeRecords(_store);

    [Fact]
    public async Task A_record_stands_under_its_volumes_name()
    {
        VolumeEntry entry = await Create(Volume(2, Synced, Synced));
        Assert.Equal("volumes/vm-1", Assert.Single(_store.Entries).Key);
        Assert.Equal(new VolumeLookup.Found(entry), await _records.GetAsync("vm-1"));
        Assert.Equal(new VolumeLookup.Missing(), await _records.GetAsync("vm-2"));
    }

    [Fact]
    public async Task A_second_volume_of_a_name_is_a_conflict_that_shows_the_first()
    {
        VolumeEntry first = await Create(Volume(2, Synced, Synced));
        VolumeChange second = await _records.CreateAsync(Volume(2, Synced, Synced) with { Id = Id(77) });
        Assert.Equal(new VolumeChange.Conflicted(new VolumeLookup.Found(first)), second);
    }

    [Fact]
    public async Task A_change_of_what_was_read_is_written_with_a_new_revision()
    {
        VolumeEntry entry = await Create(Volume(2, Synced, Synced));
        VolumeRecord raised = Allowed(entry.Record.WithEpochRaised("gateway2"));
        var written = Assert.IsType<VolumeChange.Written>(await _records.ChangeAsync(entry, raised));
        Assert.Equal(new VolumeEntry(raised, entry.Revision + 1), written.Entry);
        Assert.Equal(new VolumeLookup.Found(written.Entry), await _records.GetAsync("vm-1"));
    }

    [Fact]
    public async Task Of_two_owners_that_raise_the_epoch_one_is_told_of_the_other()
    {
        VolumeEntry entry = await Create(Volume(2, Synced, Synced));
        VolumeRecord mine = Allowed(entry.Record.WithEpochRaised("gateway2"));
        await _records.ChangeAsync(entry, Allowed(entry.Record.WithEpochRaised("gateway3")));
        var conflict = Assert.IsType<VolumeChange.Conflicted>(await _records.ChangeAsync(entry, mine));
        Assert.Equal("gateway3", Assert.IsType<VolumeLookup.Found>(conflict.Current).Entry.Record.Owner);
    }

    [Fact]
    public async Task A_change_that_does_not_follow_is_a_broken_invariant()
    {
        VolumeEntry entry = await Create(Volume(2, Synced, Synced));
        VolumeRecord record = entry.Record;
        foreach (VolumeRecord wrong in new[]
        {
            record, record with { Serial = record.Serial + 2 },
            record with { Serial = record.Serial + 1, Id = Id(77) },
            record with { Serial = record.Serial + 1, Name = "other" },
        })
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => _records.ChangeAsync(entry, wrong));
        }
    }

    [Fact]
    public async Task A_deleted_record_is_gone_and_deleting_it_twice_is_a_conflict()
    {
        VolumeEntry entry = await Create(Volume(2, Synced, Synced));
        Assert.IsType<VolumeChange.Deleted>(await _records.DeleteAsync(entry));
        Assert.Equal(new VolumeLookup.Missing(), await _records.GetAsync("vm-1"));
        Assert.Equal(
            new VolumeChange.Conflicted(new VolumeLookup.Missing()), await _records.DeleteAsync(entry));
    }

    [Fact]
    public async Task The_list_is_in_order_and_shows_what_cannot_be_read()
    {
        await Create(Volume(2, Synced, Synced) with { Name = "b" });
        await Create(Volume(2, Synced, Synced) with { Name = "a" });
        await _store.CompareAndSetAsync("volumes/aa", 0, "{}"u8.ToArray());
        await _store.CompareAndSetAsync("volumes-of-another-kind/c", 0, "{}"u8.ToArray());
        Assert.Collection(
            await _records.ListAsync(),
            first => Assert.Equal("a", Assert.IsType<VolumeLookup.Found>(first).Entry.Record.Name),
            second => Assert.Equal(new VolumeLookup.Unreadable("aa", 3, "format: is missing"), second),
            third => Assert.Equal("b", Assert.IsType<VolumeLookup.Found>(third).Entry.Record.Name));
    }

    [Fact]
    public async Task A_record_under_another_volumes_name_is_not_taken_for_it()
    {
        byte[] json = VolumeRecordJson.Encode(Volume(2, Synced, Synced));
        await _store.CompareAndSetAsync("volumes/other", 0, json);
        Assert.Equal(
            new VolumeLookup.Unreadable("other", 1, "name: is vm-1, the key says other"),
            await _records.GetAsync("other"));
    }

    [Fact]
    public async Task A_bad_name_never_becomes_a_key() =>
        await Assert.ThrowsAsync<ArgumentException>(() => _records.GetAsync("../vm-1"));

    [Fact]
    public async Task P3_a_lost_answer_is_settled_by_reading_the_change_back()
    {
        VolumeEntry entry = await Create(Volume(2, Synced, Synced, Synced));
        VolumeRecord next = Allowed(entry.Record.WithStates(new ChildStateChange(2, Stale)));
        _store.LoseNextAnswer(UnknownOutcome.Applied);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _records.ChangeAsync(entry, next));
        var found = Assert.IsType<VolumeLookup.Found>(await _records.GetAsync("vm-1"));
        Assert.Equal(next, found.Entry.Record);
    }

    [Fact]
    public async Task P3_the_old_record_settles_nothing_but_a_later_change_does()
    {
        VolumeEntry entry = await Create(Volume(2, Synced, Synced, Synced));
        VolumeRecord next = Allowed(entry.Record.WithStates(new ChildStateChange(2, Stale)));
        _store.LoseNextAnswer(UnknownOutcome.AppliedLater);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _records.ChangeAsync(entry, next));
        Assert.Equal(new VolumeLookup.Found(entry), await _records.GetAsync("vm-1"));

        var settled = Assert.IsType<VolumeChange.Written>(
            await _records.ChangeAsync(entry, Allowed(entry.Record.WithEpochRaised("gateway2"))));
        _store.LandLate();
        Assert.Equal(new VolumeLookup.Found(settled.Entry), await _records.GetAsync("vm-1"));
    }

    [Fact]
    public void Results_arrive_within_the_stores_own_step()
    {
        var store = new SimulatedStore();
        Task<VolumeLookup> get = new VolumeRecords(store).GetAsync("vm-1");
        Assert.True(store.RunNext());
        Assert.False(get.IsCompleted);
        Assert.True(store.RunNext());
        Assert.True(get.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_volumes_name_bounds_its_key() =>
        Assert.Null(StoreLimits.KeyError(VolumeRecords.KeyOf(new string('a', RecordLimits.NameLengthMax))));

    private async Task<VolumeEntry> Create(VolumeRecord record) =>
        Assert.IsType<VolumeChange.Written>(await _records.CreateAsync(record)).Entry;
}
