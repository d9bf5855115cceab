using System.Text.Json.Nodes;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>query-commands</c>: the names of all commands, with QEMU's feature <c>unstable</c> where QEMU has it.
/// </summary>
/// <param name="commands">The names, and whether each is unstable.</param>
internal sealed class QueryCommandsCommand(Func<IEnumerable<(string Name, bool IsUnstable)>> commands)
    : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "query-commands";

    /// <inheritdoc/>
    public ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation) =>
        ValueTask.FromResult(arguments.Fails(out QmpResult? failure)
            ? failure
            : QmpResult.Return(new JsonArray([.. commands().Select(Describe)])));

    private static JsonObject Describe((string Name, bool IsUnstable) command)
    {
        JsonObject json = new() { ["name"] = command.Name };
        if (command.IsUnstable)
        {
            json["features"] = new JsonArray("unstable");
        }

        return json;
    }
}
