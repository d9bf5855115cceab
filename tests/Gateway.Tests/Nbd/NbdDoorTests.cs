using Replication.Actors;
using Replication.Gateway.Exports;
using Replication.Gateway.Listening;
using Replication.Gateway.Nbd;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>One server after the other, where the one before has not quite ended.</summary>
public sealed class NbdDoorTests : IAsyncLifetime
{
    private const int MiB = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly ActorSystem _system = ActorSystem.Create("door");
    private readonly MemoryVolume _volume = new(32 * MiB);
    private readonly ExportCatalog _exports = new();

    public NbdDoorTests()
    {
        _exports.Add(new Export("disk", 32 * MiB, _volume, ReadOnly: false, ""));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_a_stopped_server_still_holds_is_not_there_for_the_next_one()
    {
        NbdDoor door = Door(connectionsMax: 4);
        using RawClient first = Attach(Open(door, "first"));
        _volume.Hold();
        first.SendRequest(RawClient.Read, 1, 0, 32 * MiB);
        Until(() => _volume.HeldCount == 1);
        Task<bool> stopping = door.CloseAsync();

        using RawClient second = Attach(Open(door, "second"));
        second.SendRequest(RawClient.Read, 2, 0, 32 * MiB);

        // 64 MiB in all: two of these do not fit, whoever serves them.
        Until(() => door.Load.WaitingCount == 1);
        Assert.Equal((1, 1, 2), (_volume.HeldCount, door.Load.InFlightCount, door.Load.Connections));
        _volume.LetGo();
        Assert.Equal(1ul, first.ReadReply(32 * MiB).Cookie);
        Assert.Equal(2ul, second.ReadReply(32 * MiB).Cookie);
        Assert.True(await stopping);
        await door.DisposeAsync();
        Assert.Equal((0, 2L), (door.Load.Connections, door.Load.AcceptedCount));
    }

    [Fact]
    public async Task Clients_of_a_stopped_server_count_until_they_are_gone()
    {
        NbdDoor door = Door(connectionsMax: 1);
        using RawClient first = Attach(Open(door, "first"));
        _volume.Hold();
        first.SendRequest(RawClient.Flush, 1, 0, 0);
        Until(() => _volume.HeldCount == 1);
        Task<bool> stopping = door.CloseAsync();
        ListenAddress address = Open(door, "second");

        using (RawClient refused = new(address))
        {
            refused.ExpectClosed();
        }

        _volume.LetGo();
        await stopping;
        using RawClient second = Attach(address);
        Assert.Equal((2L, 1L), (door.Load.AcceptedCount, door.Load.RefusedCount));
        await door.DisposeAsync();
    }

    [Fact]
    public async Task A_server_whose_sockets_file_cannot_be_removed_is_closed_all_the_same()
    {
        NbdDoor door = Door();
        string path = _folder.File("in-the-way");
        using RawClient client = Attach(Open(door, "in-the-way"));
        File.Delete(path);
        Directory.CreateDirectory(path);

        Assert.True(await door.CloseAsync());

        client.ExpectClosed();
        Assert.Equal((0, 0), (door.ClosingCount, door.Load.Connections));
        using RawClient next = Attach(Open(door, "elsewhere"));
        await door.DisposeAsync();
    }

    [Fact]
    public async Task The_end_waits_for_a_server_that_somebody_else_is_stopping_and_nothing_opens_after_it()
    {
        NbdDoor door = Door();
        using RawClient client = Attach(Open(door, "first"));
        _volume.Hold();
        client.SendRequest(RawClient.Flush, 1, 0, 0);
        Until(() => _volume.HeldCount == 1);
        Task<bool> stopping = door.CloseAsync();

        Task end = door.DisposeAsync().AsTask();

        Assert.False(end.IsCompleted);
        Assert.Throws<ListenException>(() => Open(door, "second"));
        _volume.LetGo();
        await end;
        Assert.True(await stopping);
        Assert.Equal((0, 0), (door.ClosingCount, door.Load.Connections));
    }

    private static RawClient Attach(ListenAddress address)
    {
        RawClient client = new(address);
        client.Greet();
        client.SendOption(RawClient.Go, RawClient.InfoData("disk"));
        while (client.ReadOptionReply().Type != RawClient.Ack)
        {
        }

        return client;
    }

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));

    private NbdDoor Door(int connectionsMax = 4) => new(
        _exports,
        _system.Log,
        new NbdServerOptions
        {
            TotalInFlightBytesMax = NbdServerOptions.TotalInFlightBytesMin,
            ConnectionsMax = connectionsMax,
            DrainTimeout = Patience,
        });

    private ListenAddress Open(NbdDoor door, string socket) =>
        door.TryOpen(ListenAddress.Parse($"unix:{_folder.File(socket)}"))!;
}
