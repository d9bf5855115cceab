using Replication.Actors.Mailboxes;

namespace Replication.Actors.Watch;

/// <summary>
/// A Terminated on its way through the mailbox: delivered only if the watch was not taken back meanwhile. The
/// Terminated itself, once delivered, may be stashed and forwarded as any message.
/// </summary>
internal sealed class WatchFired(Terminated terminated) : KernelMessage
{
    internal Terminated Terminated { get; } = terminated;

    internal override object Visible => Terminated;
}
