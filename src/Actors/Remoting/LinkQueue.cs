namespace Replication.Actors.Remoting;

/// <summary>What waits to be sent to one peer.</summary>
/// <param name="Peer">The node's name; its address until it has said its name.</param>
/// <param name="Frames">Messages, each of which becomes a frame, on both connections of the link.</param>
/// <param name="Bytes">What they count for in the queues' bound: their payloads, and
/// <see cref="RemotingLimits.QueuedMessageBytes"/> for each.</param>
public sealed record LinkQueue(string Peer, int Frames, long Bytes);
