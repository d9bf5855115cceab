using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Replication.Actors.Remoting.Sockets;

namespace Replication.Gateway.Listening;

/// <summary>Where a door is: <c>HOST:PORT</c> (<c>[HOST]:PORT</c> for IPv6) or <c>unix:PATH</c>.</summary>
public sealed record ListenAddress
{
    private const string UnixPrefix = "unix:";

    private ListenAddress(EndPoint endPoint, string? path)
    {
        EndPoint = endPoint;
        Path = path;
    }

    /// <summary>What a socket binds or connects to.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>The absolute path of a unix socket; null for TCP.</summary>
    public string? Path { get; }

    /// <summary>
    /// Reads an address as a person writes it. Names are resolved, loopback addresses preferred.
    /// </summary>
    /// <exception cref="ListenException">It is malformed, or it is not a loopback address (those need
    /// TLS).</exception>
    public static ListenAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(UnixPrefix, StringComparison.Ordinal)
            ? OfPath(text[UnixPrefix.Length..])
            : OfHostAndPort(text);
    }

    /// <summary>The address of a bound TCP listener.</summary>
    public static ListenAddress Of(IPEndPoint bound) => new(bound, path: null);

    /// <summary>The NBD URI of an export behind this address, as nbdinfo and qemu-img take it.</summary>
    public string ToNbdUri(string exportName)
    {
        string name = Uri.EscapeDataString(exportName);
        if (Path is null)
        {
            return $"nbd://{EndPoint}/{name}";
        }

        string path = Uri.EscapeDataString(Path).Replace("%2F", "/", StringComparison.Ordinal);
        return $"nbd+unix:///{name}?socket={path}";
    }

    /// <summary>As it is written for <see cref="Parse"/>.</summary>
    public override string ToString() => Path is null ? EndPoint.ToString()! : UnixPrefix + Path;

    private static ListenAddress OfPath(string path)
    {
        if (path.Length == 0)
        {
            throw new ListenException("unix: wants a path, as in unix:/run/replication/nbd.sock");
        }

        string full = System.IO.Path.GetFullPath(path);
        int bytes = Encoding.UTF8.GetByteCount(full);
        return bytes <= UnixSocketFile.PathMaxBytes
            ? new ListenAddress(new UnixDomainSocketEndPoint(full), full)
            : throw new ListenException(
                $"the socket's path has {bytes} bytes, at most {UnixSocketFile.PathMaxBytes} work: {full}");
    }

    private static ListenAddress OfHostAndPort(string text)
    {
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? string.Empty : text[..colon].Trim('[', ']');
        if (host.Length == 0
            || !ushort.TryParse(
                text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            throw new ListenException($"'{text}' is neither HOST:PORT nor unix:PATH");
        }

        IPAddress address = Resolve(host);
        return IPAddress.IsLoopback(address)
            ? new ListenAddress(new IPEndPoint(address, port), path: null)
            : throw new ListenException(
                $"{text} can be reached from other machines, which needs TLS;"
                + " use 127.0.0.1, [::1] or unix:PATH");
    }

    private static IPAddress Resolve(string host)
    {
        if (IPAddress.TryParse(host, out IPAddress? literal))
        {
            return literal;
        }

        try
        {
            IPAddress[] found = Dns.GetHostAddresses(host);
            return found.FirstOrDefault(IPAddress.IsLoopback) ?? found.FirstOrDefault()
                ?? throw new ListenException($"{host} has no address");
        }
        catch (SocketException failed)
        {
            throw new ListenException($"{host} cannot be resolved: {failed.Message}");
        }
    }
}
