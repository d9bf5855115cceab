using Replication.Gateway.Listening;
using Replication.Host.Commands;
using Replication.Host.Configuration;
using Replication.Host.Demo;
using Replication.Host.Nodes;

namespace Replication.Host.Tests.Demo;

public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_claim_is_refused_until_the_first_has_ended()
    {
        using (DataFolder.Claim(_folder.Path))
        {
            CommandFailedException refused =
                Assert.Throws<CommandFailedException>(() => DataFolder.Claim(_folder.Path));
            Assert.Equal(
                $"another process runs on {_folder.Path}: "
                    + "stop it first, or choose another folder with --data",
                refused.Message);
        }

        DataFolder.Claim(_folder.Path).Dispose();
    }

    [Theory]
    [InlineData("node1")]
    [InlineData("node2")]
    [InlineData("gateway")]
    public void A_part_that_another_process_runs_on_is_refused_before_anything_is_read(string part)
    {
        Directory.CreateDirectory(_folder.File("node1"));
        using (FolderLock.Take(_folder.File(part), "no matter"))
        {
            CommandFailedException refused =
                Assert.Throws<CommandFailedException>(() => DataFolder.Claim(_folder.Path));
            Assert.StartsWith(
                $"another process runs on {_folder.File(part)}: ", refused.Message, StringComparison.Ordinal);
        }

        // What the refused claim had taken is free again.
        DataFolder.Claim(_folder.Path).Dispose();
    }

    [Theory]
    [InlineData("node1")]
    [InlineData("node2")]
    [InlineData("gateway")]
    public void A_node_is_kept_out_of_the_parts_that_a_demo_runs_on(string part)
    {
        Directory.CreateDirectory(_folder.File("node1"));
        using (DataFolder claimed = DataFolder.Claim(_folder.Path))
        {
            claimed.ClaimParts(nodeCount: 2);

            Assert.Throws<CommandFailedException>(() => FolderLock.Take(_folder.File(part), "no matter"));
        }

        FolderLock.Take(_folder.File(part), "no matter").Dispose();
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_said()
    {
        File.WriteAllText(_folder.File("file"), "");

        CommandFailedException refused =
            Assert.Throws<CommandFailedException>(() => DataFolder.Claim(_folder.File("file/data")));

        Assert.Contains("cannot be made", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_nodes_that_have_run_are_known_by_their_folders()
    {
        using DataFolder data = DataFolder.Claim(_folder.Path);
        Assert.Equal(0, data.ExistingNodeCount());
        Directory.CreateDirectory(_folder.File("node2"));
        Directory.CreateDirectory(_folder.File("node5"));
        Directory.CreateDirectory(_folder.File("nodes"));

        Assert.Equal(5, data.ExistingNodeCount());
    }

    [Theory]
    [InlineData(null, 0, 3)]
    [InlineData(null, 5, 5)]
    [InlineData(4, 0, 4)]
    [InlineData(5, 3, 5)]
    public void As_many_nodes_run_as_asked_for_or_as_there_were(int? asked, int existing, int expected)
    {
        Assert.Equal(expected, DemoRun.NodeCount(Options(asked), existing));
    }

    [Fact]
    public void Fewer_nodes_than_there_were_are_refused_with_both_numbers()
    {
        CommandFailedException refused =
            Assert.Throws<CommandFailedException>(() => DemoRun.NodeCount(Options(2), existing: 3));

        Assert.StartsWith(
            "--nodes 2 contradicts /data, where volumes lie on 3 nodes",
            refused.Message,
            StringComparison.Ordinal);
    }

    private static DemoOptions Options(int? nodes) => new()
    {
        DataFolder = "/data",
        Volume = new VolumeWish { Name = "demo" },
        NodeCount = nodes,
        Nbd = ListenAddress.Parse("127.0.0.1:0"),
        Qmp = ListenAddress.Parse("127.0.0.1:0"),
    };
}
