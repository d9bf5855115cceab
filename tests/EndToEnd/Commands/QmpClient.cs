using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Replication.EndToEnd.Commands;

/// <summary>QMP by hand over a unix socket: a line each way, read with its end.</summary>
internal sealed class QmpClient : IDisposable
{
    private const int AnswerTimeoutMs = 10_000;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly NetworkStream _stream;

    public QmpClient(string path)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _socket.ReceiveTimeout = AnswerTimeoutMs;
        _stream = new NetworkStream(_socket);
        GreetingLine = ReadLine();
    }

    /// <summary>The first line, with its end.</summary>
    public string GreetingLine { get; }

    public void Negotiate() =>
        Assert.True(Execute("""{"execute": "qmp_capabilities"}""").TryGetProperty("return", out _));

    /// <summary>Sends a line and answers the next that is no event.</summary>
    public JsonElement Execute(string line)
    {
        Send(line);
        JsonElement answer;
        do
        {
            answer = Receive();
        }
        while (answer.TryGetProperty("event", out _));
        return answer;
    }

    public void Send(string line) => _stream.Write(Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>The next line, event or not.</summary>
    public JsonElement Receive()
    {
        using var document = JsonDocument.Parse(ReadLine());
        return document.RootElement.Clone();
    }

    /// <summary>The next line with its end. Throws IOException when none comes in time.</summary>
    public string ReadLine()
    {
        List<byte> line = [];
        while (line.Count == 0 || line[^1] != '\n')
        {
            var next = _stream.ReadByte();
            if (next < 0)
            {
                throw new EndOfStreamException("the QMP server closed the connection");
            }

            line.Add((byte)next);
        }

        return Encoding.UTF8.GetString([.. line]);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }
}
