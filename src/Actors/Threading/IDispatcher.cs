namespace Replication.Actors.Threading;

/// <summary>The seam for threads: who runs mailboxes and other short pieces of the kernel's work.</summary>
public interface IDispatcher
{
    /// <summary>User messages a mailbox handles before it lets others run.</summary>
    int Throughput { get; }

    /// <summary>
    /// Has <paramref name="work"/> executed soon, once, on some thread. Never runs it inline.
    /// </summary>
    void Schedule(IThreadPoolWorkItem work);
}
