using Replication.Actors.Logging;
using Replication.Host.Logging;

namespace Replication.Host.Tests.Logging;

/// <summary>What becomes of a log that the disk does not take.</summary>
public sealed class LogFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_full_file_is_set_aside_and_one_is_kept()
    {
        await WriteAsync("first", "second", "third");

        Assert.Contains("third", OnlyLineOf("log"), StringComparison.Ordinal);
        Assert.Contains("second", OnlyLineOf("log.1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_set_aside_costs_entries_and_nothing_else()
    {
        Directory.CreateDirectory(Path.Combine(_folder.File("log.1"), "in the way"));

        await WriteAsync("first", "second", "third");

        Assert.Contains("first", OnlyLineOf("log"), StringComparison.Ordinal);
    }

    private string OnlyLineOf(string name) => Assert.Single(File.ReadAllLines(_folder.File(name)));

    private async Task WriteAsync(params string[] sentences)
    {
        await using LogFile log =
            LogFile.Open(_folder.File("log"), new LogSettings { LengthMaxBytes = 0 }, copy: null);
        foreach (string sentence in sentences)
        {
            log.Write("node", new LogEvent(LogLevel.Warning, "test", sentence));
        }
    }
}
