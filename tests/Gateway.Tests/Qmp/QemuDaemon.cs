using System.Diagnostics;
using Replication.Gateway.Listening;

namespace Replication.Gateway.Tests.Qmp;

/// <summary>
/// A qemu-storage-daemon with the nodes of <see cref="BlockFixture"/>, and the one client that it serves.
/// </summary>
public sealed class QemuDaemon : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    public QemuDaemon()
    {
        string path = _folder.File("qemu.sock");
        _process = Process.Start(
            "qemu-storage-daemon",
            ["--chardev", $"socket,path={path},server=on,wait=off,id=c", "--monitor", "chardev=c"])!;
        Assert.True(
            SpinWait.SpinUntil(() => File.Exists(path), Patience), "qemu-storage-daemon made no socket");
        Client = RawQmpClient.Negotiated(ListenAddress.Parse($"unix:{path}"));
        for (int number = 0; number < BlockFixture.Replicas; number++)
        {
            Add($$"""{"driver":"null-co","node-name":"c{{number}}","size":1048576}""");
        }

        foreach (string quorum in BlockFixture.Quorums)
        {
            Add(quorum);
        }
    }

    internal RawQmpClient Client { get; }

    public void Dispose()
    {
        Client.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    private void Add(string arguments) =>
        Assert.DoesNotContain("error", Client.Run("blockdev-add", arguments), StringComparison.Ordinal);
}
