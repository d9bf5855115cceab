using Replication.Actors.Disk;

namespace Replication.Gateway.Nbd.Wire;

/// <summary>The error numbers that the protocol knows: a subset of Linux's, with the same values.</summary>
internal static class NbdErrno
{
    private const int FileTooBig = 27;
    private const int QuotaExceeded = 122;

    /// <summary>
    /// What a client is told for an errno of Linux: itself, its nearest relative, else EIO.
    /// </summary>
    internal static uint FromLinux(int errno) => errno switch
    {
        Errno.NotPermitted or Errno.AccessDenied or Errno.ReadOnlyFileSystem => Errno.NotPermitted,
        Errno.NoMemory or Errno.Invalid or Errno.NoSpace => (uint)errno,
        Errno.NotSupported or Errno.Shutdown => (uint)errno,
        FileTooBig or QuotaExceeded => Errno.NoSpace,

        // EOVERFLOW on the wire would mean "your DF read is too long", which a volume cannot mean.
        _ => Errno.InputOutput,
    };
}
