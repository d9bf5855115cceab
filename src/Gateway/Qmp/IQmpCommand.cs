namespace Replication.Gateway.Qmp;

/// <summary>
/// One command of the QMP server. It has no state of its own and may run for several clients at once.
/// </summary>
public interface IQmpCommand
{
    /// <summary>The name that clients give in <c>execute</c>.</summary>
    string Name { get; }

    /// <summary>QEMU's feature <c>unstable</c>: clients that care for stability do without it.</summary>
    bool IsUnstable => false;

    /// <summary>
    /// Carries it out. What a client did wrong, and what went wrong in operation, is a failed result; an
    /// exception is a bug, which costs the client an error and nobody else anything.
    /// </summary>
    /// <param name="arguments">What the client gave; to be checked before anything is done.</param>
    /// <param name="cancellation">The client is gone or the server stops.</param>
    ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation);
}
