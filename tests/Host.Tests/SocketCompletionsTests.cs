namespace Replication.Host.Tests;

public sealed class SocketCompletionsTests
{
    [Theory]
    [InlineData(null, "1")]
    [InlineData("0", "0")]
    public void They_run_where_sockets_are_polled_unless_the_user_wants_it_otherwise(
        string? set, string expected)
    {
        string? before = Environment.GetEnvironmentVariable(SocketCompletions.Variable);
        try
        {
            Environment.SetEnvironmentVariable(SocketCompletions.Variable, set);
            SocketCompletions.RunInline();
            Assert.Equal(expected, Environment.GetEnvironmentVariable(SocketCompletions.Variable));
        }
        finally
        {
            Environment.SetEnvironmentVariable(SocketCompletions.Variable, before);
        }
    }
}
