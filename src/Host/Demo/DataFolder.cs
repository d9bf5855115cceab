using System.Globalization;
using Replication.Host.Commands;
using Replication.Host.Nodes;

namespace Replication.Host.Demo;

/// <summary>
/// The folder of a demo: <c>nodeK</c> for each storage node, <c>gateway</c>, and a lock that keeps a second
/// process out for as long as this is not disposed.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private const string NodePrefix = "node";

    private readonly FolderLock _lock;

    private DataFolder(string path, FolderLock held)
    {
        FullPath = path;
        _lock = held;
    }

    /// <summary>The folder.</summary>
    public string FullPath { get; }

    /// <summary>The gateway's part.</summary>
    public string Gateway => Path.Combine(FullPath, "gateway");

    /// <summary>The volumes' records.</summary>
    public string Store => GatewayHost.StoreFolder(Gateway);

    /// <summary>Takes the folder, made if it is not there.</summary>
    /// <exception cref="CommandFailedException">Another process has it, or it cannot be used.</exception>
    public static DataFolder Claim(string path) =>
        new(path, FolderLock.Take(path, "choose another folder with --data"));

    /// <summary>The name of node K, from 1.</summary>
    public static string NodeName(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{NodePrefix}{number}");

    /// <summary>K of the name of node K; 0 for any other name.</summary>
    public static int NodeNumber(string name) =>
        name.StartsWith(NodePrefix, StringComparison.Ordinal)
            && int.TryParse(
                name.AsSpan(NodePrefix.Length),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out int number)
            ? number
            : 0;

    /// <summary>The folder of a node.</summary>
    public string Node(string name) => Path.Combine(FullPath, name);

    /// <summary>How many nodes have run here: the highest K with a folder, 0 in a new place.</summary>
    public int ExistingNodeCount()
    {
        int count = 0;
        foreach (string folder in Directory.EnumerateDirectories(FullPath, $"{NodePrefix}*"))
        {
            count = Math.Max(count, NodeNumber(Path.GetFileName(folder)));
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
