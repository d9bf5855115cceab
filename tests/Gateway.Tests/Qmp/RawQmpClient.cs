using System.Net.Sockets;
using System.Text;
using Replication.Gateway.Listening;

namespace Replication.Gateway.Tests.Qmp;

/// <summary>A client that sends exactly the bytes it is told, and sees exactly the lines that come.</summary>
internal sealed class RawQmpClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Socket _socket;
    private readonly StringBuilder _received = new();
    private readonly byte[] _buffer = new byte[65536];

    internal RawQmpClient(ListenAddress address)
    {
        _socket = new Socket(
            address.EndPoint.AddressFamily,
            SocketType.Stream,
            address.Path is null ? ProtocolType.Tcp : ProtocolType.Unspecified)
        {
            ReceiveTimeout = (int)Patience.TotalMilliseconds,
            SendTimeout = (int)Patience.TotalMilliseconds,
        };
        _socket.Connect(address.EndPoint);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>A client that has read the greeting and negotiated.</summary>
    internal static RawQmpClient Negotiated(ListenAddress address)
    {
        RawQmpClient client = new(address);
        client.ReadLine();
        string answer = client.Ask("{\"execute\":\"qmp_capabilities\"}");
        Assert.Equal("{\"return\":{}}", answer.Replace(" ", "", StringComparison.Ordinal));
        return client;
    }

    internal void Send(string text) => Send(Encoding.UTF8.GetBytes(text));

    internal void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    /// <summary>Sends a line and gives the next one that comes.</summary>
    internal string Ask(string request)
    {
        Send(request + "\n");
        return ReadLine() ?? throw new InvalidOperationException("the server closed the connection");
    }

    /// <summary>The answer to a command with these arguments.</summary>
    internal string Run(string command, string arguments) =>
        Ask("{\"execute\":\"" + command + "\",\"arguments\":" + arguments + "}");

    /// <summary>The answer that is an error without a class of its own.</summary>
    internal static string Error(string desc) =>
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"" + desc + "\"}}";

    /// <summary>
    /// The next line, which must end in CRLF, without its end; null when the server has closed.
    /// </summary>
    internal string? ReadLine()
    {
        while (true)
        {
            string text = _received.ToString();
            int end = text.IndexOf('\n', StringComparison.Ordinal);
            if (end >= 0)
            {
                Assert.True(end > 0 && text[end - 1] == '\r', "a line ends in CRLF");
                _received.Remove(0, end + 1);
                return text[..(end - 1)];
            }

            int length = _socket.Receive(_buffer);
            if (length == 0)
            {
                return null;
            }

            _received.Append(Encoding.UTF8.GetString(_buffer, 0, length));
        }
    }
}
