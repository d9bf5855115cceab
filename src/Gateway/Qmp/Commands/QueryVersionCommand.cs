namespace Replication.Gateway.Qmp.Commands;

/// <summary><c>query-version</c>: what the greeting says.</summary>
public sealed class QueryVersionCommand : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "query-version";

    /// <inheritdoc/>
    public ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation) =>
        ValueTask.FromResult(
            arguments.Fails(out QmpResult? failure) ? failure : QmpResult.Return(QmpVersion.Describe()));
}
