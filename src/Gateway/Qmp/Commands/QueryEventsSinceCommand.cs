using Replication.Gateway.Events;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>query-events-since</c>: the kept events from a number on, so that who asks again and again has each of
/// them once. No throttling applies. Numbers count from the start of the process.
/// </summary>
public sealed class QueryEventsSinceCommand(EventLog events) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "query-events-since";

    /// <inheritdoc/>
    public ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        long? next = arguments.OptionalInteger("next", 0, long.MaxValue);
        if (arguments.Fails(out QmpResult? failure))
        {
            return ValueTask.FromResult(failure);
        }

        EventPage page = events.Since(next);
        return ValueTask.FromResult(QmpResult.Return(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("events");
            foreach (string line in page.Lines)
            {
                // Each line was written, or checked when it was read back, by the event log.
                json.WriteRawValue(line, skipInputValidation: true);
            }

            json.WriteEndArray();
            json.WriteNumber("next", page.Next);
            json.WriteNumber("missed", page.MissedCount);
            json.WriteEndObject();
        }));
    }
}
