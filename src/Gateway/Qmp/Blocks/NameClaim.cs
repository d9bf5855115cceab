namespace Replication.Gateway.Qmp.Blocks;

/// <summary>
/// Names that one command changes. The command may give up waiting for what it has asked for; the names stay
/// claimed until that has ended, for until then nobody knows what will be called so.
/// </summary>
/// <param name="giveBack">Called once.</param>
internal sealed class NameClaim(Action giveBack) : IDisposable
{
    private Task _held = Task.CompletedTask;

    /// <summary>Outlives the command until this has completed. Before <see cref="Dispose"/>, once.</summary>
    internal void HoldUntil(Task ended) => _held = ended;

    /// <summary>The command is done with it.</summary>
    public void Dispose()
    {
        if (_held.IsCompleted)
        {
            giveBack();
        }
        else
        {
            _ = _held.ContinueWith(
                _ => giveBack(),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
