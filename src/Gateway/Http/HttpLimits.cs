namespace Replication.Gateway.Http;

/// <summary>What a client of the HTTP door may ask for; what exceeds it is refused, and the connection
/// closed.</summary>
public static class HttpLimits
{
    /// <summary>Clients at a time; one more is closed at once.</summary>
    public const int ConnectionsMax = 64;

    /// <summary>Bytes of the first line of a request (414).</summary>
    public const int RequestLineBytesMax = 2048;

    /// <summary>Bytes of all headers of a request together (431).</summary>
    public const int HeaderBytesMax = 8192;

    /// <summary>Headers of a request (431).</summary>
    public const int HeaderCountMax = 50;

    /// <summary>From the first byte of a request to the end of its headers (408).</summary>
    public static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection may be idle.</summary>
    public static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromMinutes(2);

    /// <summary>How long a page may take (503).</summary>
    public static readonly TimeSpan PageTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long requests under way have when the door closes.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Ports after the one asked for that are tried before any free one will do.</summary>
    public const int PortsTried = 32;
}
