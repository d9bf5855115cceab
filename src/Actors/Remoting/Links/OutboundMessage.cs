using Replication.Actors.Remoting.Codecs;

namespace Replication.Actors.Remoting.Links;

/// <summary>A message in a channel's queue.</summary>
/// <param name="Message">It, with its payload's reference.</param>
/// <param name="Codec">How it is written.</param>
/// <param name="Target">Null for what is said to the other system itself.</param>
/// <param name="Sender">For the dead letter it may become.</param>
/// <param name="SenderId">The sender's number at the other side; 0 for nobody.</param>
/// <param name="WeightBytes">What it counts for in the queue's bound.</param>
internal readonly record struct OutboundMessage(
    object Message,
    IMessageCodec Codec,
    RemoteRef? Target,
    IActorRef? Sender,
    ulong SenderId,
    int WeightBytes);
