namespace Replication.TestKit.Simulation;

/// <summary>
/// A simulated run broke: the message names the seed, the step, the virtual time and the last steps.
/// </summary>
public sealed class SimulationFailedException(string message, Exception? cause =
    null) : Exception(message, cause);
