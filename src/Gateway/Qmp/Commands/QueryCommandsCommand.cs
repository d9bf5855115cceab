using System.Text.Json.Nodes;

namespace Replication.Gateway.Qmp.Commands;

/// <summary><c>query-commands</c>: the names of all commands.</summary>
internal sealed class QueryCommandsCommand(Func<IEnumerable<string>> names) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "query-commands";

    /// <inheritdoc/>
    public ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation) =>
        ValueTask.FromResult(arguments.Fails(out QmpResult? failure)
            ? failure
            : QmpResult.Return(
                new JsonArray([.. names().Select(static name => new JsonObject { ["name"] = name })])));
}
