using Replication.Actors;
using Replication.Actors.Events;
using Replication.Actors.Logging;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Gateway.Exports;
using Replication.Host.Nodes;

namespace Replication.Host.Tests.Nodes;

/// <summary>What of the announcements reaches the catalog, and whose connections end by it.</summary>
public sealed class ExportFeedTests
{
    private static readonly VolumeExport Copy = new("copy", "the copy", Writable: false, "read only");

    private readonly ExportCatalog _catalog = new();
    private readonly EventStream _stream = new();
    private readonly Listener _logged = new();
    private readonly ExportFeed _feed;
    private readonly IActorRef _volume = new Listener();

    public ExportFeedTests()
    {
        _feed = new ExportFeed(_catalog, new Log(_stream));
        _stream.Subscribe<LogEvent>(_logged);
    }

    [Fact]
    public void An_export_has_the_volumes_size_and_actor_and_its_own_flag_and_description()
    {
        Announce("demo", Copy);

        Assert.Equal([new Export("the copy", 4096, _volume, ReadOnly: true, "read only")], _catalog.List());
    }

    [Fact]
    public void Exports_that_are_announced_again_keep_their_connections_and_removed_ones_lose_them()
    {
        VolumeExport own = VolumeExport.OwnOf("demo");
        Announce("demo", own, Copy);
        User stays = Attach("demo");
        User goes = Attach("the copy");

        Announce("demo", own, Copy with { Id = "other", Name = "other" });

        Assert.Null(stays.Withdrawn);
        Assert.NotNull(goes.Withdrawn);
        Assert.Equal(["demo", "other"], _catalog.List().Select(static export => export.Name));
    }

    [Fact]
    public void Another_actor_behind_the_name_ends_the_connections_to_the_one_before()
    {
        VolumeExport own = VolumeExport.OwnOf("demo");
        Announce("demo", own);
        User user = Attach("demo");
        Listener next = new();

        Tell(new VolumeExported("demo", 4096, next));

        Assert.NotNull(user.Withdrawn);
        Assert.Same(next, _catalog.Find("demo")!.Volume);
    }

    [Fact]
    public void An_export_that_becomes_read_only_ends_the_connections_that_may_write()
    {
        Announce("demo", VolumeExport.OwnOf("demo"));
        User user = Attach("demo");

        Announce("demo", VolumeExport.OwnOf("demo") with { Writable = false });

        Assert.NotNull(user.Withdrawn);
        Assert.True(_catalog.Find("demo")!.ReadOnly);
    }

    [Fact]
    public void A_volume_that_is_withdrawn_takes_all_its_exports_with_it_for_the_reason_it_gives()
    {
        Announce("demo", VolumeExport.OwnOf("demo"), Copy);
        Announce("other", VolumeExport.OwnOf("other"));
        User user = Attach("the copy");

        Tell(new VolumeWithdrawn("demo", "it was deleted"));

        Assert.Equal("it was deleted", user.Withdrawn);
        Assert.Equal(["other"], _catalog.List().Select(static export => export.Name));
    }

    [Fact]
    public void A_name_that_two_volumes_offer_stays_with_the_first_until_it_is_free()
    {
        Announce("second", VolumeExport.OwnOf("second"), new VolumeExport("x", "first", true, "of second"));
        User user = Attach("first");

        Announce("first", VolumeExport.OwnOf("first"));

        Assert.Null(user.Withdrawn);
        Assert.Contains(_logged.Heard, static message =>
            message is LogEvent { Level: LogLevel.Warning } entry
            && entry.Message.Contains("volume first is not exported as 'first'", StringComparison.Ordinal));

        Announce("second", VolumeExport.OwnOf("second"));

        Assert.NotNull(user.Withdrawn);
        Assert.Equal("", _catalog.Find("first")!.Description);
    }

    [Fact]
    public void Clients_of_a_stopped_volume_are_told_where_its_children_differ_and_what_starts_it_again()
    {
        VolumeExport own = VolumeExport.OwnOf("demo");
        Announce("demo", own, Copy);
        Tell(new VolumeWithdrawn("demo", "blkverify found a difference"));
        Assert.Equal(
            new ExportAbsence("volume demo is not served: blkverify found a difference", IsHeldBack: false),
            _catalog.WhyAbsent("the copy"));

        Tell(new VolumeHeldBack("demo", [own, Copy], "demo-node1 and demo-node2 differ at byte 512"));

        ExportAbsence told = new(
            "volume demo is stopped: demo-node1 and demo-node2 differ at byte 512; "
                + "volume-reopen starts it again",
            IsHeldBack: true);
        Assert.Equal(told, _catalog.WhyAbsent("demo"));
        Assert.Equal(told, _catalog.WhyAbsent("the copy"));
        Assert.Empty(_catalog.List());

        Tell(new VolumeHeldBack("demo", [own], Difference: null));

        Assert.Null(_catalog.WhyAbsent("the copy"));
        Assert.Equal(
            "volume demo is stopped: blkverify found that its children differ; volume-reopen starts it again",
            _catalog.WhyAbsent("demo")?.Reason);

        Announce("demo", own);

        Assert.Null(_catalog.WhyAbsent("demo"));
        Assert.NotNull(_catalog.Find("demo"));
    }

    [Fact]
    public void A_stopped_volume_that_is_closed_is_not_called_stopped_any_more()
    {
        Tell(new VolumeHeldBack("demo", [VolumeExport.OwnOf("demo"), Copy], Difference: null));

        Tell(new VolumeWithdrawn("demo", "closed"));

        ExportAbsence told = new("volume demo is not served: closed", IsHeldBack: false);
        Assert.Equal((told, told), (_catalog.WhyAbsent("demo"), _catalog.WhyAbsent("the copy")));
    }

    [Fact]
    public void Clients_of_a_deleted_volume_are_told_that_it_was_deleted_until_there_is_one_again()
    {
        Announce("demo", VolumeExport.OwnOf("demo"));
        Tell(new VolumeWithdrawn("demo", "closed"));

        Tell(new VolumeRemoved(DateTimeOffset.UnixEpoch, "demo", []));

        Assert.Equal(
            new ExportAbsence("volume demo was deleted", IsHeldBack: false), _catalog.WhyAbsent("demo"));
        Announce("demo", VolumeExport.OwnOf("demo"));
        Assert.Null(_catalog.WhyAbsent("demo"));
    }

    [Fact]
    public void What_another_volume_serves_is_not_explained_by_one_that_only_offered_it()
    {
        VolumeExport shared = new("x", "shared", true, "");
        Announce("second", shared);
        Announce("first", VolumeExport.OwnOf("first"), shared);

        Tell(new VolumeWithdrawn("first", "closed"));
        Announce("second", VolumeExport.OwnOf("second"));

        Assert.Null(_catalog.WhyAbsent("shared"));
        Assert.NotNull(_catalog.WhyAbsent("first"));
    }

    [Fact]
    public void What_a_stopped_volume_says_of_its_names_stays_when_another_has_nothing_more_to_say_of_them()
    {
        VolumeExport shared = new("x", "shared", true, "");
        Tell(new VolumeHeldBack("second", [VolumeExport.OwnOf("second"), shared], "they differ"));
        ExportAbsence? told = _catalog.WhyAbsent("second");
        Tell(new VolumeHeldBack("first", [VolumeExport.OwnOf("first"), shared], Difference: null));

        Tell(new VolumeHeldBack("first", [VolumeExport.OwnOf("first")], Difference: null));
        Assert.Equal(told, _catalog.WhyAbsent("shared"));

        Tell(new VolumeHeldBack("first", [VolumeExport.OwnOf("first"), shared], Difference: null));
        Tell(new VolumeWithdrawn("first", "closed"));
        Assert.Equal(told, _catalog.WhyAbsent("shared"));
        Announce("second", VolumeExport.OwnOf("second"));
        Assert.Null(_catalog.WhyAbsent("shared"));
    }

    private void Announce(string volume, params IReadOnlyList<VolumeExport> exports) =>
        Tell(new VolumeExported(volume, 4096, _volume) { Exports = exports });

    private void Tell(object message) => _feed.Tell(message, _volume);

    private User Attach(string name)
    {
        User user = new();
        Assert.NotNull(_catalog.Attach(name, user));
        return user;
    }

    private sealed class User : IExportUser
    {
        internal string? Withdrawn { get; private set; }

        public void OnExportWithdrawn(string reason) => Withdrawn = reason;
    }

    private sealed class Listener : CallbackRef
    {
        internal List<object> Heard { get; } = [];

        protected override void OnMessage(object message, IActorRef? sender) => Heard.Add(message);
    }
}
