using System.Diagnostics;
using System.Globalization;

namespace Replication.Messages.Tests.Digests;

/// <summary>
/// Runs Debian's xxh128sum over buffers, all of them in one process. Where it is missing the tests fail:
/// without it nothing shows that the digests are right. tests/run.sh installs it (Debian: xxhash).
/// </summary>
internal static class Xxhsum
{
    private const string Program = "xxh128sum";

    /// <summary>What xxh128sum prints for each buffer, in their order.</summary>
    public static IReadOnlyList<string> HashAll(IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("xxh128-");
        try
        {
            var start = new ProcessStartInfo(Program)
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            };
            for (int index = 0; index < buffers.Count; index++)
            {
                string name = index.ToString(CultureInfo.InvariantCulture);
                File.WriteAllBytes(Path.Combine(folder.FullName, name), buffers[index].ToArray());
                start.ArgumentList.Add(name);
            }

            using Process process = Process.Start(start)
                ?? throw new InvalidOperationException($"{Program} did not start.");
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (process.ExitCode != 0 || lines.Length != buffers.Count)
            {
                throw new InvalidOperationException(
                    $"{Program} exits {process.ExitCode}, {lines.Length} lines for {buffers.Count} files.");
            }

            return [.. lines.Select((line, index) => Parse(line, index))];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // A line is "hash  name"; the name is the index, which proves that the order was kept.
    private static string Parse(string line, int index)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(index.ToString(CultureInfo.InvariantCulture), words[^1]);
        return words[0];
    }
}
