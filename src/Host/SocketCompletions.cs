namespace Replication.Host;

/// <summary>
/// Has .NET run what waits for a socket on the thread that polls the sockets instead of waking a thread of
/// its pool: nearly all of it passes a message on and waits for nothing. What may take long (a QMP command)
/// leaves that thread first. What the user has set stands.
/// </summary>
internal static class SocketCompletions
{
    /// <summary>Read by .NET once, when the process uses its first socket; as the next.</summary>
    internal const string InlineVariable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>How many threads poll sockets; one for each core where it is not set.</summary>
    internal const string ThreadsVariable = "DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT";

    /// <summary>To be called before the first socket.</summary>
    internal static void RunInline() => SetUnlessSet(InlineVariable, "1");

    /// <summary>
    /// To be called before the first socket by one of several processes that serve the same requests on this
    /// machine: they share its cores. With a thread more than it has cores a process wakes itself where it
    /// could have gone on.
    /// </summary>
    internal static void ShareCores(int processes) =>
        SetUnlessSet(ThreadsVariable, ThreadsOf(Environment.ProcessorCount, processes).ToString());

    /// <summary>The cores' share of each process, at least one.</summary>
    internal static int ThreadsOf(int cores, int processes) => Math.Max(1, cores / processes);

    private static void SetUnlessSet(string variable, string value)
    {
        if (Environment.GetEnvironmentVariable(variable) is null)
        {
            Environment.SetEnvironmentVariable(variable, value);
        }
    }
}
