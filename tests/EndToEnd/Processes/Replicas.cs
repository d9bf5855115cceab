namespace Replication.EndToEnd.Processes;

/// <summary>Looks at the replicas' files and lies in them, with other programs, under the running
/// service.</summary>
internal static class Replicas
{
    /// <summary>Every replica holds the same bytes.</summary>
    public static void AssertIdentical(DemoProcess demo, int nodes = 3)
    {
        for (var node = 2; node <= nodes; node++)
        {
            Tool.Run("cmp", demo.ReplicaFile(1), demo.ReplicaFile(node)).Succeeded();
        }
    }

    /// <summary>Waits until every replica holds the same bytes, under the running service: a repair goes on
    /// after the read that called for it was answered, and a read meanwhile may still see the lie.</summary>
    public static void AwaitRepair(DemoProcess demo, int nodes = 3) => Eventually.True(
        () => Enumerable.Range(2, nodes - 1).All(
            node => Tool.Run("cmp", "-s", demo.ReplicaFile(1), demo.ReplicaFile(node)).ExitCode == 0),
        () => "the replicas still differ");

    /// <summary>Overwrites a range of a replica with one byte, past the service.</summary>
    public static void Corrupt(string file, long offsetBytes, int lengthBytes, byte value)
    {
        var garbage = Path.GetTempFileName();
        File.WriteAllBytes(garbage, [.. Enumerable.Repeat(value, lengthBytes)]);
        Tool.Run("dd", $"if={garbage}", $"of={file}", "bs=4096", $"seek={offsetBytes}", "oflag=seek_bytes",
            "conv=notrunc").Succeeded();
        File.Delete(garbage);
    }

    /// <summary>A range of a replica as it is on the disk.</summary>
    public static byte[] Bytes(string file, long offsetBytes, int lengthBytes)
    {
        // Reading takes no lock that the service's exclusive one would refuse.
        var copy = Path.GetTempFileName();
        Tool.Run("dd", $"if={file}", $"of={copy}", $"bs={lengthBytes}", $"skip={offsetBytes}", "count=1",
            "iflag=skip_bytes").Succeeded();
        var bytes = File.ReadAllBytes(copy);
        File.Delete(copy);
        return bytes;
    }

    /// <summary>What a file occupies, holes not counted.</summary>
    public static long AllocatedBytes(string file) =>
        long.Parse(Tool.Run("stat", "-c", "%b", file).Succeeded().Output.Trim(),
            System.Globalization.CultureInfo.InvariantCulture) * 512;
}
