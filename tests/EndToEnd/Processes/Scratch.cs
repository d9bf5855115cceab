using System.Security.Cryptography;

namespace Replication.EndToEnd.Processes;

/// <summary>A folder for one test, gone with it; short, for a unix socket's name has 107 bytes.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("replication-e2e-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A file of random bytes, other ones each time: no copy of a former run matches.</summary>
    public string RandomFile(string name, int mebibytes)
    {
        var path = File(name);
        using var file = System.IO.File.Create(path);
        for (var written = 0; written < mebibytes; written++)
        {
            file.Write(RandomNumberGenerator.GetBytes(1 << 20));
        }

        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
