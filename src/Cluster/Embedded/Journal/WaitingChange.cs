namespace Replication.Cluster.Embedded.Journal;

/// <summary>A change that waits for the writer's thread, which completes it.</summary>
/// <param name="Key">The key.</param>
/// <param name="ExpectedRevision">The revision the key must have.</param>
/// <param name="Value">The store's own copy of the value, or null to delete.</param>
internal sealed record WaitingChange(string Key, long ExpectedRevision, byte[]? Value)
{
    // Continuations on the writer's thread would hold up every other change.
    public TaskCompletionSource<StoreResult> Completion { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}
