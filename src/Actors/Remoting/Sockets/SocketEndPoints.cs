using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Replication.Actors.Remoting.Sockets;

/// <summary>
/// Addresses as text, <c>tcp:HOST:PORT</c> and <c>unix:/path</c>, and the endpoints that they mean.
/// </summary>
internal static class SocketEndPoints
{
    private const string Tcp = "tcp:";
    private const string Unix = "unix:";

    /// <summary>Null, with the reason, for what is no address.</summary>
    internal static EndPoint? Parse(string address, out string reason)
    {
        reason = $"'{address}' is no address: tcp:HOST:PORT or unix:/path was expected";
        if (address.StartsWith(Unix, StringComparison.Ordinal))
        {
            string path = address[Unix.Length..];
            int lengthBytes = Encoding.UTF8.GetByteCount(path);
            if (lengthBytes > UnixSocketFile.PathMaxBytes)
            {
                reason = $"a socket's path has at most {UnixSocketFile.PathMaxBytes} bytes, "
                    + $"'{path}' has {lengthBytes}";
                return null;
            }

            return lengthBytes > 0 ? new UnixDomainSocketEndPoint(path) : null;
        }

        int colon = address.LastIndexOf(':');
        if (!address.StartsWith(Tcp, StringComparison.Ordinal) || colon <= Tcp.Length
            || !ushort.TryParse(
                address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return null;
        }

        string host = address[Tcp.Length..colon].Trim('[', ']');
        return IPAddress.TryParse(host, out IPAddress? ip)
            ? new IPEndPoint(ip, port)
            : new DnsEndPoint(host, port);
    }

    /// <summary>The text of a bound or connected endpoint.</summary>
    internal static string Text(EndPoint? endPoint) => endPoint switch
    {
        UnixDomainSocketEndPoint unix => Unix + unix,
        not null => Tcp + endPoint,
        null => "nowhere",
    };

    /// <summary>A socket for an endpoint, set up for requests that wait for nobody.</summary>
    internal static Socket CreateSocket(EndPoint endPoint)
    {
        if (endPoint is UnixDomainSocketEndPoint)
        {
            return new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        }

        return endPoint.AddressFamily == AddressFamily.Unspecified
            ? new Socket(SocketType.Stream, ProtocolType.Tcp)
            : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    }

    /// <summary>What a connected socket gets, whichever side made it.</summary>
    internal static void SetUp(Socket socket)
    {
        if (socket.ProtocolType != ProtocolType.Tcp)
        {
            // Linux gives 208 KiB and does not grow them: a large payload would go in many pieces, each with
            // a wake-up of the other side.
            const int SendBufferBytes = 1 << 20;
            socket.SendBufferSize = SendBufferBytes;
            return;
        }

        socket.NoDelay = true;
        if (OperatingSystem.IsLinux())
        {
            // TCP_USER_TIMEOUT: after a cut, unacknowledged data ends the connection about when heartbeats
            // do.
            const int UserTimeoutOption = 18;
            const int UserTimeoutMs = 6000;
            socket.SetRawSocketOption(
                (int)SocketOptionLevel.Tcp, UserTimeoutOption, BitConverter.GetBytes(UserTimeoutMs));
        }
    }
}
