namespace Replication.Cluster.Embedded.Journal;

/// <summary>A real file, open for writing.</summary>
internal sealed class DiskFile(string path, int openFlags) : IJournalFile
{
    private int _descriptor = LinuxCalls.Open(path, openFlags);

    public int Write(long offset, ReadOnlySpan<byte> data) =>
        LinuxCalls.Write(Descriptor, path, offset, data);

    public void Sync() => LinuxCalls.Sync(Descriptor, path);

    public void Dispose()
    {
        if (_descriptor >= 0)
        {
            LinuxCalls.Close(_descriptor);
            _descriptor = -1;
        }
    }

    // A closed descriptor's number may belong to another file by now.
    private int Descriptor => _descriptor >= 0 ? _descriptor : throw new ObjectDisposedException(path);
}
