using System.Text.Json;
using Replication.Host.Logging;

namespace Replication.Host.Tests.Logging;

/// <summary>A log of JSON in a folder of its own, and what was written to it.</summary>
internal sealed class LogReader : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    internal LogReader(LogSettings? settings = null) => Log = LogFile.Open(
        _folder.File("log"), (settings ?? new LogSettings()) with { Format = LogFormat.Json }, copy: null);

    internal LogFile Log { get; }

    /// <summary>Ends the log; all of its entries.</summary>
    internal async Task<IReadOnlyList<JsonElement>> EndAsync()
    {
        await Log.DisposeAsync();
        return
        [
            .. File.ReadAllLines(_folder.File("log")).Select(static line =>
            {
                using JsonDocument entry = JsonDocument.Parse(line);
                return entry.RootElement.Clone();
            }),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        _folder.Dispose();
    }
}
