using Replication.Gateway.Listening;

namespace Replication.Gateway.Tests.Qmp;

/// <summary>
/// A QMP server before volumes that do as they are told, with the nodes that the tests of QEMU's block
/// commands start from: replicas c0 to c8 of 1 MiB, q0 of c0, c1 and c2 with threshold 2, and qb, which
/// verifies c5 and c6.
/// </summary>
internal sealed class BlockFixture : IAsyncDisposable
{
    internal const int Replicas = 9;

    /// <summary>The quorums, alike for QEMU and for us.</summary>
    internal static readonly string[] Quorums =
    [
        """{"driver":"quorum","node-name":"q0","vote-threshold":2,"children":["c0","c1","c2"]}""",
        """{"driver":"quorum","node-name":"qb","vote-threshold":2,"children":["c5","c6"],"blkverify":true}""",
    ];

    /// <param name="answerTimeout">How long commands wait for the gateway; null: as ever.</param>
    internal BlockFixture(TimeSpan? answerTimeout = null)
    {
        Qmp = new QmpFixture(answerTimeout);
        Qmp.Answer = Volumes.Answer;
        Client = Qmp.Negotiated();
        for (int number = 0; number < Replicas; number++)
        {
            string host = $"node{(number % 3) + 1}";
            Add($$"""{"driver":"replica","node-name":"c{{number}}","host":"{{host}}","size":1048576}""");
        }

        foreach (string quorum in Quorums)
        {
            Add(quorum);
        }

        Qmp.Asked.Clear();
    }

    internal QmpFixture Qmp { get; }

    internal FakeVolumes Volumes { get; } = new();

    internal RawQmpClient Client { get; }

    /// <summary>What was asked of the volumes but for how they are.</summary>
    internal IEnumerable<object> Done =>
        Qmp.Asked.Where(static asked => asked is not Coordinator.Entry.QueryVolumes);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Qmp.DisposeAsync();
    }

    internal string Run(string command, string arguments) => Client.Run(command, arguments);

    /// <summary>Opens NBD on a socket of this test's.</summary>
    internal ListenAddress OpenNbd() => Qmp.Nbd.TryOpen(ListenAddress.Parse($"unix:{Qmp.SocketPath}.nbd"))!;

    /// <summary>Must succeed.</summary>
    internal void Add(string arguments) => Succeed("blockdev-add", arguments);

    /// <summary>Must succeed, with nothing to say.</summary>
    internal void Succeed(string command, string arguments) =>
        Assert.Equal("{\"return\":{}}", Run(command, arguments));

    /// <summary>Must succeed, once all clients have been told that these exports are gone.</summary>
    internal void Remove(string command, string arguments, params string[] ids)
    {
        using RawQmpClient bystander = Qmp.Negotiated();
        Client.Send("{\"execute\":\"" + command + "\",\"arguments\":" + arguments + "}\n");
        foreach (string id in ids)
        {
            string line = "{\"event\":\"BLOCK_EXPORT_DELETED\",\"data\":{\"id\":\"" + id
                + "\"},\"timestamp\":{\"seconds\":0,\"microseconds\":0}}";
            Assert.Equal(line, Client.ReadLine());
            Assert.Equal(line, bystander.ReadLine());
        }

        Assert.Equal("{\"return\":{}}", Client.ReadLine());
    }

    /// <summary>Must be refused with these words.</summary>
    internal void Refuse(string command, string arguments, string desc) =>
        Assert.Equal(RawQmpClient.Error(desc), Run(command, arguments));
}
