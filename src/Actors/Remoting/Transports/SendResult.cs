namespace Replication.Actors.Remoting.Transports;

/// <summary>What became of a send.</summary>
public enum SendResult
{
    /// <summary>Everything has been taken; the memory is free again.</summary>
    Done,

    /// <summary>Under way: OnSent follows, and the memory belongs to the transport until then.</summary>
    Pending,

    /// <summary>The connection has ended; nothing more will be taken.</summary>
    Closed,
}
