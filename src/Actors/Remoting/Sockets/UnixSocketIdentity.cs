namespace Replication.Actors.Remoting.Sockets;

/// <summary>Tells one file from every other that is or was at the same path.</summary>
/// <param name="Device">Where it is.</param>
/// <param name="Number">Its number there; given again when it is gone.</param>
/// <param name="MadeAtSeconds">When it was made; 0 where that is not kept.</param>
/// <param name="MadeAtNanoseconds">The fraction of the second.</param>
public readonly record struct UnixSocketIdentity(
    ulong Device, ulong Number, long MadeAtSeconds, uint MadeAtNanoseconds);
