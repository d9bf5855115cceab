namespace Replication.Host.Commands;

/// <summary>What a command says that was following a service when it lost it.</summary>
internal static class GoneService
{
    /// <summary>What happened, and that the command does not try again.</summary>
    public static string Words(string command) =>
        "the service has closed the connection: its process was stopped or killed. "
            + $"'{command}' ends with it; start it again once the service is back";
}
