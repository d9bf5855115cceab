using System.Globalization;
using Replication.Host.Commands;

namespace Replication.Host.Demo;

/// <summary>
/// The folder of a demo: <c>nodeK</c> for each storage node, <c>gateway</c>, and a lock that keeps a second
/// process out for as long as this is not disposed.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private const string NodePrefix = "node";

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        FullPath = path;
        _lock = held;
    }

    /// <summary>The folder.</summary>
    public string FullPath { get; }

    /// <summary>The gateway's part.</summary>
    public string Gateway => Path.Combine(FullPath, "gateway");

    /// <summary>The volumes' records.</summary>
    public string Store => Path.Combine(Gateway, "store");

    /// <summary>Takes the folder, made if it is not there.</summary>
    /// <exception cref="CommandFailedException">Another process has it, or it cannot be used.</exception>
    public static DataFolder Claim(string path)
    {
        string lockPath = Path.Combine(path, "lock");
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"the folder {path} cannot be made: {failure.Message}");
        }

        try
        {
            // .NET takes an exclusive flock for FileShare.None, which the kernel gives back when the process
            // ends.
            FileStream held = new(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new DataFolder(path, held);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new CommandFailedException($"the folder {path} cannot be written to: {failure.Message}");
        }
        catch (IOException)
        {
            throw new CommandFailedException(
                $"another process runs on {path}: stop it first, or choose another folder with --data");
        }
    }

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
