namespace Replication.Actors.Disk;

/// <summary>
/// Linux error numbers that the service sees or says (asm-generic/errno-base.h, errno.h), and their texts.
/// </summary>
public static class Errno
{
    public const int None = 0;
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int InputOutput = 5;
    public const int TryAgain = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int Exists = 17;
    public const int Invalid = 22;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int Overflow = 75;
    public const int NotSupported = 95;
    public const int ConnectionReset = 104;
    public const int Shutdown = 108;
    public const int TimedOut = 110;
    public const int Stale = 116;

    /// <summary>The text of glibc's strerror, as QEMU's events carry it.</summary>
    public static string Text(int errno) => ErrnoTexts.Of(errno);
}
