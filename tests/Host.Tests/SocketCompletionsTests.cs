namespace Replication.Host.Tests;

public sealed class SocketCompletionsTests
{
    [Theory]
    [InlineData(null, "1")]
    [InlineData("0", "0")]
    public void They_run_where_sockets_are_polled_unless_the_user_wants_it_otherwise(
        string? set, string expected) => Assert.Equal(
            expected, ValueAfter(SocketCompletions.InlineVariable, set, SocketCompletions.RunInline));

    [Theory]
    [InlineData("7", "7")]
    [InlineData(null, "1")]
    public void Processes_of_one_machine_poll_with_their_share_of_its_cores_unless_told_otherwise(
        string? set, string expected) => Assert.Equal(
            expected,
            ValueAfter(
                SocketCompletions.ThreadsVariable,
                set,
                static () => SocketCompletions.ShareCores(Environment.ProcessorCount)));

    [Theory]
    [InlineData(2, 4, 1)]
    [InlineData(16, 4, 4)]
    [InlineData(15, 4, 3)]
    public void Each_process_has_one_thread_at_least(int cores, int processes, int expected) =>
        Assert.Equal(expected, SocketCompletions.ThreadsOf(cores, processes));

    private static string? ValueAfter(string variable, string? set, Action change)
    {
        string? before = Environment.GetEnvironmentVariable(variable);
        try
        {
            Environment.SetEnvironmentVariable(variable, set);
            change();
            return Environment.GetEnvironmentVariable(variable);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, before);
        }
    }
}
