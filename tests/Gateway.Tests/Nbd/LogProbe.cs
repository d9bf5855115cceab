using System.Collections.Concurrent;
using Replication.Actors;
using Replication.Actors.Logging;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>
/// Keeps what the server logs, so that tests can wait for what a connection says when it ends.
/// </summary>
internal sealed class LogProbe : CallbackRef, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly string[] EndWords =
        ["closed: ", "the client disconnected", "the client closed", "the client left"];

    private readonly BlockingCollection<LogEvent> _entries = [];

    /// <summary>The first entry from here on that contains the text; entries before it are dropped.</summary>
    internal LogEvent Expect(string text)
    {
        List<string> seen = [];
        while (_entries.TryTake(out LogEvent? entry, Patience))
        {
            if (entry.Message.Contains(text, StringComparison.Ordinal))
            {
                return entry;
            }

            seen.Add(entry.Message);
        }

        throw new InvalidOperationException(
            $"nothing logged contains '{text}', only: {string.Join(" | ", seen)}");
    }

    /// <summary>Fails when anything was logged as an error.</summary>
    internal void ExpectNoErrors()
    {
        while (_entries.TryTake(out LogEvent? entry))
        {
            Assert.False(entry.Level == LogLevel.Error, $"{entry.Message} {entry.Cause}");
        }
    }

    /// <summary>
    /// Waits until that many connections have said why they ended, and returns what each said last, by name.
    /// </summary>
    internal Dictionary<string, LogEvent> ExpectEnds(int count)
    {
        Dictionary<string, LogEvent> ends = [];
        while (ends.Count < count && _entries.TryTake(out LogEvent? entry, Patience))
        {
            if (EndWords.Any(word => entry.Message.Contains(word, StringComparison.Ordinal)))
            {
                Assert.True(ends.TryAdd(entry.Source, entry), $"{entry.Source} ended twice");
            }
        }

        Assert.Equal(count, ends.Count);
        return ends;
    }

    public void Dispose() => _entries.Dispose();

    protected override void OnMessage(object message, IActorRef? sender) => _entries.Add((LogEvent)message);
}
