using System.Globalization;
using Replication.Host.Commands;
using Replication.Host.Nodes;

namespace Replication.Host.Demo;

/// <summary>
/// The folder of a demo: <c>nodeK</c> for each storage node, <c>gateway</c>, and the locks that keep other
/// processes out for as long as this is not disposed: one on the whole for another demo, and on each part the
/// one that <c>node</c> takes. Used by one thread at a time.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private const string NodePrefix = "node";

    private const string Otherwise = "choose another folder with --data";

    private readonly FolderLock _whole;
    private readonly Dictionary<string, FolderLock> _parts = new(StringComparer.Ordinal);

    private DataFolder(string path)
    {
        FullPath = path;
        _whole = FolderLock.Take(path, Otherwise);
    }

    /// <summary>The folder.</summary>
    public string FullPath { get; }

    /// <summary>The gateway's part.</summary>
    public string Gateway => Path.Combine(FullPath, "gateway");

    /// <summary>The volumes' records.</summary>
    public string Store => GatewayHost.StoreFolder(Gateway);

    /// <summary>
    /// Takes the folder, made if it is not there, and the parts that are there: nothing in it is read before.
    /// </summary>
    /// <exception cref="CommandFailedException">Another process has it, or it cannot be used.</exception>
    public static DataFolder Claim(string path)
    {
        DataFolder claimed = new(path);
        try
        {
            int count = claimed.ExistingNodeCount();
            claimed.Take(Enumerable.Range(1, count)
                .Select(number => claimed.Node(NodeName(number)))
                .Append(claimed.Gateway)
                .Where(Directory.Exists));
            return claimed;
        }
        catch
        {
            claimed.Dispose();
            throw;
        }
    }

    /// <summary>Takes the parts of as many nodes and of the gateway, made if they are not there.</summary>
    /// <exception cref="CommandFailedException">Another process has one, or it cannot be used.</exception>
    public void ClaimParts(int nodeCount) => Take(
        Enumerable.Range(1, nodeCount).Select(number => Node(NodeName(number))).Append(Gateway));

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
    public void Dispose()
    {
        foreach (FolderLock part in _parts.Values)
        {
            part.Dispose();
        }

        _whole.Dispose();
    }

    private void Take(IEnumerable<string> parts)
    {
        foreach (string part in parts.Where(part => !_parts.ContainsKey(part)))
        {
            _parts.Add(part, FolderLock.Take(part, Otherwise));
        }
    }
}
