namespace Replication.Actors.Remoting.Handshake;

/// <summary>What a connection is for.</summary>
internal enum ChannelKind : byte
{
    Control,
    Data,
}

/// <summary>The first frame of each connection, by the side that made it.</summary>
/// <param name="Version">The highest protocol version it speaks.</param>
/// <param name="LeastVersion">The lowest.</param>
/// <param name="ClusterName">Must be the same on both sides.</param>
/// <param name="NodeName">Who it is.</param>
/// <param name="SystemUid">Which life of it.</param>
/// <param name="Kind">What the connection is for: control comes first.</param>
/// <param name="LinkId">The same on both connections of a link.</param>
internal sealed record Hello(
    ushort Version,
    ushort LeastVersion,
    string ClusterName,
    string NodeName,
    ulong SystemUid,
    ChannelKind Kind,
    ulong LinkId);

/// <summary>The answer: messages may follow both ways.</summary>
internal sealed record Welcome(ushort Version, string NodeName, ulong SystemUid);

/// <summary>The other answer; the connection is closed behind it.</summary>
internal sealed record Refusal(string Reason);
