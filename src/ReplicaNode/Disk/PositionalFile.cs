using Replication.Actors.Disk;

namespace Replication.ReplicaNode.Disk;

/// <summary>
/// The blocking half of a device: each method does its work on the calling thread and returns 0 or the
/// errno. It keeps no state, so any number of threads may work on one descriptor at once.
/// </summary>
internal static unsafe class PositionalFile
{
    /// <summary>
    /// Zeroes are written in pieces of this length where the file system cannot make them itself.
    /// </summary>
    internal const int ZeroPieceBytes = 256 * 1024;

    private static readonly byte[] Zeroes = GC.AllocateArray<byte>(ZeroPieceBytes, pinned: true);

    /// <summary>Where the file ends now; negative when that cannot be found out.</summary>
    internal static long Length(int fd) => Libc.Seek(fd, 0, Libc.SeekEnd);

    /// <summary>
    /// True when no folder names the file any more: what is written to it ends with the process.
    /// </summary>
    internal static bool IsUnlinked(int fd)
    {
        byte* status = stackalloc byte[Libc.StatusBytes];
        return Libc.Status(fd, "", Libc.AtEmptyPath, Libc.StatusLinks, status) == 0
            && *(uint*)(status + Libc.StatusLinksOffset) == 0;
    }

    /// <summary>
    /// Fills the whole buffer; what lies past <paramref name="fileBytes"/> reads zero, as a hole would. EIO
    /// when the file ends before that: somebody cut it.
    /// </summary>
    internal static int Read(int fd, Span<byte> buffer, long offsetBytes, long fileBytes)
    {
        fixed (byte* start = buffer)
        {
            int done = 0;
            while (done < buffer.Length)
            {
                nint got = Libc.ReadAt(fd, start + done, (nuint)(buffer.Length - done), offsetBytes + done);
                if (got == 0)
                {
                    if (offsetBytes + done < fileBytes)
                    {
                        return Errno.InputOutput;
                    }

                    buffer[done..].Clear();
                    return Errno.None;
                }

                int errno = Libc.ErrnoOf(got);
                if (errno is not Errno.None and not Libc.Interrupted)
                {
                    return errno;
                }

                done += errno == Errno.None ? (int)got : 0;
            }
        }

        return Errno.None;
    }

    /// <summary>
    /// Fills the whole buffer if the page cache has all of it, without ever waiting for the disk: 0 when
    /// done, EAGAIN when it would have to wait (or met the end of the file), EOPNOTSUPP where the file
    /// system cannot say.
    /// </summary>
    internal static int ReadCached(int fd, Span<byte> buffer, long offsetBytes)
    {
        fixed (byte* start = buffer)
        {
            Libc.IoVector vector = new() { Base = start, LengthBytes = (nuint)buffer.Length };
            nint got = Libc.ReadVectorAt(fd, &vector, 1, offsetBytes, Libc.ReadNoWait);
            if (got == buffer.Length)
            {
                return Errno.None;
            }

            int errno = Libc.ErrnoOf(got);
            return errno is Errno.NotSupported or Libc.NotImplemented or Errno.Invalid
                ? Errno.NotSupported
                : Errno.TryAgain;
        }
    }

    /// <summary>Whether the file's blocks are memory, tmpfs or ramfs; false where that cannot be
    /// told.</summary>
    internal static bool IsInMemory(int fd)
    {
        byte* status = stackalloc byte[Libc.FileSystemStatusBytes];
        return Libc.FileSystemStatus(fd, status) == 0
            && *(long*)status is Libc.TmpfsType or Libc.RamfsType;
    }

    /// <summary>
    /// Writes the whole buffer, going on after short writes; past the end the file becomes longer.
    /// </summary>
    internal static int Write(int fd, ReadOnlySpan<byte> buffer, long offsetBytes)
    {
        fixed (byte* start = buffer)
        {
            int done = 0;
            while (done < buffer.Length)
            {
                nint put = Libc.WriteAt(fd, start + done, (nuint)(buffer.Length - done), offsetBytes + done);
                int errno = put == 0 ? Errno.InputOutput : Libc.ErrnoOf(put);
                if (errno is not Errno.None and not Libc.Interrupted)
                {
                    return errno;
                }

                if (put == 0)
                {
                    // No file that takes writes does this; going on would never end.
                    return Errno.InputOutput;
                }

                done += errno == Errno.None ? (int)put : 0;
            }
        }

        return Errno.None;
    }

    /// <summary>
    /// Makes the range read zero; a mode of fallocate where the file system has it, else by writing.
    /// </summary>
    internal static int Zero(int fd, long offsetBytes, long lengthBytes, bool punch)
    {
        int mode = punch
            ? Libc.FallocatePunchHole | Libc.FallocateKeepSize
            : Libc.FallocateZeroRange | Libc.FallocateKeepSize;
        int errno;
        do
        {
            errno = Libc.ErrnoOf(Libc.Allocate(fd, mode, offsetBytes, lengthBytes));
        }
        while (errno == Libc.Interrupted);

        return errno is Errno.NotSupported or Libc.NotImplemented
            ? WriteZeroes(fd, offsetBytes, lengthBytes)
            : errno;
    }

    /// <summary>Writes zeroes over the range.</summary>
    internal static int WriteZeroes(int fd, long offsetBytes, long lengthBytes)
    {
        while (lengthBytes > 0)
        {
            int piece = (int)Math.Min(lengthBytes, ZeroPieceBytes);
            int errno = Write(fd, Zeroes.AsSpan(0, piece), offsetBytes);
            if (errno != Errno.None)
            {
                return errno;
            }

            offsetBytes += piece;
            lengthBytes -= piece;
        }

        return Errno.None;
    }

    /// <summary>Data to the disk, checked. Never retried, whatever the error: P16.</summary>
    internal static int SyncData(int fd) => Libc.ErrnoOf(Libc.SyncData(fd));

    /// <summary>
    /// Drops what the page cache holds and does not have to write. After a failed writeback Linux calls the
    /// pages clean and lets them be read, though the disk never got them: a copy would be found equal that
    /// the next power loss takes back. Advice, of which nothing else depends, so its result is not asked.
    /// </summary>
    internal static void DropClean(int fd) => _ = Libc.Advise(fd, 0, 0, Libc.AdviseDontNeed);

    /// <summary>
    /// What is data and what is a hole, in order and without gaps from the start of the range; ends early
    /// after <paramref name="countMax"/> extents. A file system that does not know says that everything is
    /// data.
    /// </summary>
    internal static int QueryExtents(
        int fd, long offsetBytes, long lengthBytes, int countMax, out List<DiskExtent> extents)
    {
        extents = [];
        long end = offsetBytes + lengthBytes;
        long at = offsetBytes;
        while (at < end && extents.Count < countMax)
        {
            long dataStart = Libc.Seek(fd, at, Libc.SeekData);
            int errno = Libc.ErrnoOf(dataStart);
            if (errno == Libc.NoSuchDeviceOrAddress)
            {
                dataStart = end;
            }
            else if (errno is Errno.Invalid or Errno.NotSupported)
            {
                dataStart = at;
            }
            else if (errno != Errno.None)
            {
                return errno;
            }

            if (dataStart > at)
            {
                long holeEnd = Math.Min(dataStart, end);
                extents.Add(new DiskExtent(at, holeEnd - at, IsHole: true));
                at = holeEnd;
                continue;
            }

            long dataEnd = Libc.Seek(fd, at, Libc.SeekHole);
            dataEnd = dataEnd < 0 ? end : Math.Clamp(dataEnd, at + 1, end);
            extents.Add(new DiskExtent(at, dataEnd - at, IsHole: false));
            at = dataEnd;
        }

        return Errno.None;
    }
}
