using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Parity;

/// <summary>The same steps with QEMU's quorum and with this service lead to the same reads, errors and
/// events, but for the differences that tests/parity lists. Needs /dev/fuse and root.</summary>
public sealed class QuorumParityTests
{
    [Theory]
    [InlineData("votes")]
    [InlineData("modes_and_children")]
    [InlineData("commands")]
    [InlineData("disk_errors")]
    public void Steps_of_QEMUs_own_tests_end_alike_on_both(string subject)
    {
        var result = Tool.Run(
            "/usr/bin/python3",
            new Dictionary<string, string>(StringComparer.Ordinal) { ["REPLICATION_DLL"] = Executable.Path },
            Path.Combine(Executable.Repository, "tests", "parity", "quorum-parity"),
            "--only", $"scenarios.{subject}.").Succeeded();

        Assert.EndsWith(" 0 failures\n", result.Output, StringComparison.Ordinal);
    }
}
