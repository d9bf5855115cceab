using Replication.Host.Commands;

namespace Replication.Host.Nodes;

/// <summary>
/// Keeps every other process out of a folder until it is disposed, or this process ends however it does.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Takes a folder, made if it is not there.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="otherwise">What else could be done when another process has it.</param>
    /// <exception cref="CommandFailedException">Another process has it, or it cannot be used.</exception>
    public static FolderLock Take(string path, string otherwise)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(
                $"the folder {path} cannot be made: {WhyNotMade(path, failure)}");
        }

        try
        {
            // .NET takes an exclusive flock for FileShare.None, which the kernel gives back when the process
            // ends.
            return new FolderLock(new FileStream(
                Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new CommandFailedException($"the folder {path} cannot be written to: {failure.Message}");
        }
        catch (IOException)
        {
            throw new CommandFailedException(
                $"another process runs on {path}: stop it first, or {otherwise}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>
    /// .NET's own text for some of it is that there is no such folder, which is why it was to be made.
    /// </summary>
    private static string WhyNotMade(string path, Exception failure)
    {
        string? parent = Path.GetDirectoryName(path);
        return File.Exists(path) ? "there is a file of that name"
            : File.Exists(parent) ? $"{parent} is no folder"
            : failure is DirectoryNotFoundException or FileNotFoundException && Directory.Exists(parent)
                ? $"{parent} takes no new folder"
            : failure.Message;
    }
}
