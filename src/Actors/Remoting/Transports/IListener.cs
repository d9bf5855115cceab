namespace Replication.Actors.Remoting.Transports;

/// <summary>An address that is being listened on until this is disposed.</summary>
public interface IListener : IDisposable
{
    /// <summary>The address with the port that was taken.</summary>
    string LocalAddress { get; }
}
