namespace Replication.Host;

/// <summary>
/// Has .NET run what waits for a socket on the thread that polls the sockets, one for each core, instead of
/// waking a thread of its pool: nearly all of it passes a message on and waits for nothing. What may take
/// long (a QMP command) leaves that thread first.
/// </summary>
internal static class SocketCompletions
{
    /// <summary>Read by .NET once, when the process uses its first socket.</summary>
    internal const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>To be called before the first socket; what the user has set stands.</summary>
    internal static void RunInline()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            Environment.SetEnvironmentVariable(Variable, "1");
        }
    }
}
