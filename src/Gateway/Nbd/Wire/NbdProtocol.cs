using Replication.Messages;

namespace Replication.Gateway.Nbd.Wire;

/// <summary>
/// The numbers of the NBD protocol (NetworkBlockDevice/nbd, doc/proto.md). Everything on the wire is
/// big-endian.
/// </summary>
internal static class NbdProtocol
{
    internal const ulong ServerMagic = 0x4e42444d41474943;      // "NBDMAGIC"
    internal const ulong OptionMagic = 0x49484156454f5054;      // "IHAVEOPT"
    internal const ulong OptionReplyMagic = 0x0003e889045565a9;
    internal const uint RequestMagic = 0x25609513;
    internal const uint SimpleReplyMagic = 0x67446698;
    internal const uint StructuredReplyMagic = 0x668e33ef;

    internal const int OptionHeaderBytes = 16;
    internal const int RequestHeaderBytes = 28;
    internal const int SimpleReplyBytes = 16;
    internal const int ChunkHeaderBytes = 20;

    /// <summary>Longest string (name, description, query), in bytes.</summary>
    internal const int StringMaxBytes = 4096;

    internal const uint BlockSizeMin = 1;
    internal const uint BlockSizePreferred = 4096;

    /// <summary>Largest read or write, in bytes: what a volume takes at once.</summary>
    internal const uint PayloadMaxBytes = RequestLimits.LengthMaxBytes;

    /// <summary>The 124 zero bytes after an EXPORT_NAME's answer, unless the client waived them.</summary>
    internal const int ExportNamePaddingBytes = 124;

    internal const string AllocationContext = "base:allocation";

    /// <summary>The id under which base:allocation is reported on every connection.</summary>
    internal const uint AllocationContextId = 1;
}

[Flags]
internal enum HandshakeFlags : ushort
{
    None = 0,
    FixedNewstyle = 1,
    NoZeroes = 2,
}

internal enum NbdOption : uint
{
    ExportName = 1,
    Abort = 2,
    List = 3,
    StartTls = 5,
    Info = 6,
    Go = 7,
    StructuredReply = 8,
    ListMetaContext = 9,
    SetMetaContext = 10,
}

internal enum OptionReply : uint
{
    Ack = 1,
    Server = 2,
    Info = 3,
    MetaContext = 4,
    ErrorUnsupported = 0x8000_0001,
    ErrorPolicy = 0x8000_0002,
    ErrorInvalid = 0x8000_0003,
    ErrorUnknown = 0x8000_0006,
    ErrorShutdown = 0x8000_0007,
    ErrorTooBig = 0x8000_0009,
}

internal enum InfoType : ushort
{
    Export = 0,
    Name = 1,
    Description = 2,
    BlockSize = 3,
}

[Flags]
internal enum TransmissionFlags : ushort
{
    None = 0,
    HasFlags = 1 << 0,
    ReadOnly = 1 << 1,
    SendFlush = 1 << 2,
    SendFua = 1 << 3,
    SendTrim = 1 << 5,
    SendWriteZeroes = 1 << 6,
    SendDf = 1 << 7,
    CanMultiConn = 1 << 8,
    SendCache = 1 << 10,
    SendFastZero = 1 << 11,
}

internal enum NbdCommand : ushort
{
    Read = 0,
    Write = 1,
    Disconnect = 2,
    Flush = 3,
    Trim = 4,
    Cache = 5,
    WriteZeroes = 6,
    BlockStatus = 7,
}

[Flags]
internal enum CommandFlags : ushort
{
    None = 0,
    Fua = 1 << 0,
    NoHole = 1 << 1,
    Df = 1 << 2,
    ReqOne = 1 << 3,
    FastZero = 1 << 4,
}

internal enum ChunkType : ushort
{
    None = 0,
    OffsetData = 1,
    OffsetHole = 2,
    BlockStatus = 5,
    Error = 0x8001,
}

[Flags]
internal enum ExtentFlags : uint
{
    None = 0,
    Hole = 1,
    Zero = 2,
}
