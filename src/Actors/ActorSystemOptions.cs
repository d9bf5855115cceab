using Replication.Actors.Threading;

namespace Replication.Actors;

/// <summary>
/// The seams of one system. The defaults are the real ones; a simulation gives seeded ones.
/// </summary>
public sealed record ActorSystemOptions
{
    /// <summary>Who runs the actors.</summary>
    public IDispatcher Dispatcher { get; init; } = ThreadPoolDispatcher.Instance;

    /// <summary>Clock and timers.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Randomness and ids.</summary>
    public IIdSource Ids { get; init; } = RandomIdSource.Instance;

    /// <summary>Sees every message; null, as everywhere but in simulations, costs nothing.</summary>
    public IMessageObserver? Observer { get; init; }
}
