namespace Replication.Actors.Remoting.Transports;

/// <summary>The end of a connect: a connection, or the reason why there is none.</summary>
public readonly record struct ConnectResult(IConnection? Connection, string Reason);
