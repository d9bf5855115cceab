namespace Replication.Actors.Mailboxes;

/// <summary>
/// A message of the kernel between its own actors that holds something: when its target is gone it is told
/// so, instead of being published as a dead letter. Any thread.
/// </summary>
internal interface IUndeliverable
{
    void OnUndelivered();
}
