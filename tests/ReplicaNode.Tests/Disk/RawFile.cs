using Replication.ReplicaNode.Disk;

namespace Replication.ReplicaNode.Tests.Disk;

/// <summary>
/// Reads and writes files that a node has locked, as any program but one of .NET would: .NET takes a shared
/// lock on whatever it opens, and fails against the node's exclusive one.
/// </summary>
internal static class RawFile
{
    internal static byte[] Read(string path)
    {
        byte[] content = new byte[new FileInfo(path).Length];
        With(path, fd => Assert.Equal(0, PositionalFile.Read(fd, content, 0, content.Length)));
        return content;
    }

    internal static void Write(string path, long offsetBytes, byte[] content) =>
        With(path, fd => Assert.Equal(0, PositionalFile.Write(fd, content, offsetBytes)));

    internal static void Cut(string path, long lengthBytes) =>
        With(path, fd => Assert.Equal(0, Libc.Truncate(fd, lengthBytes)));

    internal static void With(string path, Action<int> action)
    {
        int fd = Libc.Open(path, Libc.OpenReadWrite | Libc.OpenCloseOnExec, 0);
        Assert.True(fd >= 0, path);
        try
        {
            action(fd);
        }
        finally
        {
            _ = Libc.Close(fd);
        }
    }
}
