namespace Replication.Host.Commands;

/// <summary>What the process ends with; docs/commands.md says the same.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>
    /// Something went wrong while it ran, or what is asked does not fit what is there; one line on the
    /// standard error says what.
    /// </summary>
    public const int Failure = 1;

    /// <summary>The command line or the configuration cannot be read; nothing was done.</summary>
    public const int Usage = 2;
}
