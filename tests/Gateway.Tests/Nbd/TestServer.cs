using Replication.Actors;
using Replication.Actors.Logging;
using Replication.Gateway.Exports;
using Replication.Gateway.Listening;
using Replication.Gateway.Nbd;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>
/// An NBD server on a unix socket of its own, with one export "disk" over a volume in memory.
/// </summary>
internal sealed class TestServer : IAsyncDisposable
{
    internal const int SizeBytes = 4 << 20;

    private readonly string _folder;
    private readonly ActorSystem _system = ActorSystem.Create("nbd-tests");

    internal TestServer(NbdServerOptions? options = null, bool readOnly = false, int sizeBytes = SizeBytes)
    {
        _folder = Directory.CreateTempSubdirectory("nbd-").FullName;
        Volume = new MemoryVolume(sizeBytes);
        Exports.Add(new Export("disk", sizeBytes, Volume, readOnly, "a test's disk"));
        _system.EventStream.Subscribe<LogEvent>(Log);
        Server = new NbdServer(Exports, _system.Log, options ?? new NbdServerOptions());
        Address = Server.Listen($"unix:{Path.Combine(_folder, "nbd.sock")}");
    }

    internal MemoryVolume Volume { get; }

    internal ExportCatalog Exports { get; } = new();

    internal LogProbe Log { get; } = new();

    internal NbdServer Server { get; }

    internal ListenAddress Address { get; }

    internal string Folder => _folder;

    internal string Uri => Address.ToNbdUri("disk");

    /// <summary>A client that has received nothing yet.</summary>
    internal RawClient Connect() => new(Address);

    /// <summary>A client in transmission.</summary>
    internal RawClient Attach(bool structured = true, bool allocation = false)
    {
        RawClient client = new(Address);
        client.Greet();
        if (structured)
        {
            Assert.Equal(RawClient.Ack, client.Negotiate(RawClient.StructuredReply, []).Type);
        }

        if (allocation)
        {
            byte[] query = RawClient.MetaData("disk", "base:allocation");
            client.SendOption(RawClient.SetMetaContext, query);
            Assert.Equal(RawClient.MetaContextReply, client.ReadOptionReply().Type);
            Assert.Equal(RawClient.Ack, client.ReadOptionReply().Type);
        }

        client.SendOption(RawClient.Go, RawClient.InfoData("disk"));
        while (client.ReadOptionReply().Type != RawClient.Ack)
        {
        }

        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.StopAsync();
        await _system.Terminate();
        Log.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
