using Replication.Gateway.Events;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>query-events</c>: the last events that are kept, oldest first, none throttled. Events that a client
/// receives before this reply may be in the reply too; those after it never are, but for one that throttling
/// held back.
/// </summary>
public sealed class QueryEventsCommand(EventLog events) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "query-events";

    /// <inheritdoc/>
    public ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        long limit = arguments.OptionalInteger("limit", 0, int.MaxValue) ?? int.MaxValue;
        if (arguments.Fails(out QmpResult? failure))
        {
            return ValueTask.FromResult(failure);
        }

        IReadOnlyList<string> lines = events.Last((int)limit);
        return ValueTask.FromResult(QmpResult.Return(json =>
        {
            json.WriteStartArray();
            foreach (string line in lines)
            {
                // Each line was written, or checked when it was read back, by the event log.
                json.WriteRawValue(line, skipInputValidation: true);
            }

            json.WriteEndArray();
        }));
    }
}
