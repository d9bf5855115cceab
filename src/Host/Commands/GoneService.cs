namespace Replication.Host.Commands;

/// <summary>What a command says that was following a service when it lost it.</summary>
internal static class GoneService
{
    /// <summary>What happened, and that the command does not try again.</summary>
    public static string Words(string what, string command) =>
        $"{what}: its process was stopped or killed. '{command}' ends with it; start it again once the "
            + "service is back";
}
