using Replication.Gateway.Listening;

namespace Replication.Gateway.Nbd;

/// <summary>The NBD server as administrators open and close it. Safe from any thread.</summary>
public interface INbdDoor
{
    /// <summary>Whether it listens.</summary>
    bool IsOpen { get; }

    /// <summary>Listens for whatever is exported, now and later.</summary>
    /// <param name="address">Where.</param>
    /// <param name="connectionsMax">
    /// Most clients at a time; null: as configured, which is the most in any case.
    /// </param>
    /// <returns>The real address; null when it is open already, and nothing is changed.</returns>
    /// <exception cref="ListenException">The address cannot be had.</exception>
    ListenAddress? TryOpen(ListenAddress address, int? connectionsMax = null);

    /// <summary>Stops listening and disconnects every client; completes when that is done.</summary>
    /// <returns>False when it was not open.</returns>
    Task<bool> CloseAsync();
}
