using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Bench;

/// <summary>The programs of bench/ judge by arithmetic of their own; tests/bench has its tests.</summary>
public sealed class BenchTests
{
    [Fact]
    public void The_benches_arithmetic_passes_its_own_tests()
    {
        var result = Tool.Run(
            "/usr/bin/python3",
            "-B", "-m", "unittest", "discover",
            "-s", Path.Combine(Executable.Repository, "tests", "bench"));

        Assert.EndsWith("\nOK\n", result.Succeeded().Error, StringComparison.Ordinal);
    }
}
