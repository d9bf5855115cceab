namespace Replication.Gateway.Qmp.Commands;

/// <summary><c>quit</c>: asks the process to stop; the reply is sent before it does.</summary>
/// <param name="stop">Called once a client asks; returns at once.</param>
public sealed class QuitCommand(Action stop) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "quit";

    /// <inheritdoc/>
    public ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation) =>
        ValueTask.FromResult(
            arguments.Fails(out QmpResult? failure) ? failure : QmpResult.Empty.Then(stop));
}
