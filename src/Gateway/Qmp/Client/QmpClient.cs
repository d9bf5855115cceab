using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Replication.Gateway.Listening;

namespace Replication.Gateway.Qmp.Client;

/// <summary>
/// A QMP client for the command line: one request at a time; events that come in between are kept.
/// </summary>
public sealed class QmpClient : IDisposable
{
    /// <summary>Longest line that is taken from a server, in bytes: a full query-events fits well.</summary>
    public const int LineLengthMaxBytes = 64 * 1024 * 1024;

    /// <summary>How long connecting, and each answer, may take.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(40);

    /// <summary>How long the greeting may take: a service sends it as soon as it is connected to.</summary>
    public static readonly TimeSpan GreetingTimeout = TimeSpan.FromSeconds(3);

    private readonly Socket _socket;
    private readonly ListenAddress _address;
    private readonly Queue<string> _events = new();
    private readonly MemoryStream _line = new();
    private readonly byte[] _received = new byte[64 * 1024];
    private int _start;
    private int _end;

    private QmpClient(Socket socket, ListenAddress address)
    {
        _socket = socket;
        _address = address;
    }

    /// <summary>Connects, reads the greeting and negotiates.</summary>
    /// <exception cref="QmpClientException">Nobody answers there, or what answers is no QMP
    /// server.</exception>
    public static async Task<QmpClient> ConnectAsync(ListenAddress address, CancellationToken cancellation)
    {
        Socket socket = new(
            address.EndPoint.AddressFamily,
            SocketType.Stream,
            address.Path is null ? ProtocolType.Tcp : ProtocolType.Unspecified);
        QmpClient client = new(socket, address);
        try
        {
            using CancellationTokenSource limit = Limit(cancellation);
            await socket.ConnectAsync(address.EndPoint, limit.Token);
            await client.ReadGreetingAsync(cancellation);
            await client.ExecuteAsync("qmp_capabilities", arguments: null, cancellation);
            return client;
        }
        catch (SocketException failure)
        {
            client.Dispose();
            throw new QmpClientException(
                $"nobody answers on {address}{Detail(failure)}: is the service running? "
                    + "--qmp or $REPLICATION_QMP says where it is",
                failure);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Carries out a command and gives what it returned.</summary>
    /// <exception cref="QmpClientException">The server answered with an error, whose text is the message, or
    /// is gone.</exception>
    public async Task<JsonElement> ExecuteAsync(
        string command, JsonObject? arguments, CancellationToken cancellation)
    {
        JsonObject request = new() { ["execute"] = command };
        if (arguments is not null)
        {
            request["arguments"] = arguments;
        }

        using CancellationTokenSource limit = Limit(cancellation);
        await SendAsync(request.ToJsonString() + "\r\n", limit.Token);
        while (true)
        {
            JsonElement answer = await ReadMessageAsync(limit.Token);
            if (answer.TryGetProperty("return", out JsonElement returned))
            {
                return returned;
            }

            if (answer.TryGetProperty("error", out JsonElement error))
            {
                throw Refused(error);
            }

            if (answer.TryGetProperty("event", out _))
            {
                _events.Enqueue(answer.GetRawText());
            }
        }
    }

    /// <summary>
    /// The next event as a line of JSON, waiting for it as long as it takes; null when the server is gone.
    /// </summary>
    public async Task<string?> NextEventAsync(CancellationToken cancellation)
    {
        if (_events.TryDequeue(out string? kept))
        {
            return kept;
        }

        while (await ReadLineAsync(cancellation) is { } line)
        {
            if (Parse(line).TryGetProperty("event", out _))
            {
                return line;
            }
        }

        return null;
    }

    /// <summary>Gives up the events that came in between: whoever wants none must not gather them.</summary>
    public void ForgetEvents() => _events.Clear();

    /// <summary>Sends text as it is: whole requests or parts of them.</summary>
    /// <exception cref="QmpClientException">The server is gone.</exception>
    public Task SendTextAsync(string text, CancellationToken cancellation) => SendAsync(text, cancellation);

    /// <summary>
    /// Says that no request follows: the server answers what it has, and closes the connection.
    /// </summary>
    public void EndRequests() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>
    /// The next line, reply or event, waiting for it as long as it takes; null when the server has closed.
    /// </summary>
    public Task<string?> NextLineAsync(CancellationToken cancellation) => ReadLineAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _line.Dispose();
    }

    /// <summary>
    /// Nothing for the two errors that mean what the sentence says: refused, and no such socket.
    /// </summary>
    private static string Detail(SocketException failure) =>
        failure.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable
            ? ""
            : $" ({failure.Message})";

    private static CancellationTokenSource Limit(CancellationToken cancellation)
    {
        CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(AnswerTimeout);
        return limit;
    }

    private static QmpClientException Refused(JsonElement error)
    {
        string desc = error.TryGetProperty("desc", out JsonElement text) ? $"{text}" : error.GetRawText();
        string kind = error.TryGetProperty("class", out JsonElement named)
            ? $"{named}"
            : QmpError.GenericErrorClass;
        return new QmpClientException(desc) { Error = new QmpError(kind, desc) };
    }

    private async Task SendAsync(string line, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> rest = Encoding.UTF8.GetBytes(line);
        while (!rest.IsEmpty)
        {
            try
            {
                rest = rest[await _socket.SendAsync(rest, SocketFlags.None, cancellation)..];
            }
            catch (SocketException failure)
            {
                throw Broken(failure);
            }
        }
    }

    private async Task<int> ReceiveAsync(CancellationToken cancellation)
    {
        try
        {
            return await _socket.ReceiveAsync(_received, SocketFlags.None, cancellation);
        }
        catch (SocketException failure)
        {
            throw Broken(failure);
        }
    }

    private QmpClientException Broken(SocketException failure) =>
        new($"the connection to the service on {_address} broke: {failure.Message}", failure);

    /// <summary>Other services are told by their first byte, or by their silence.</summary>
    private async Task ReadGreetingAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(GreetingTimeout);
        try
        {
            _end = await ReceiveAsync(limit.Token);
            if ((_end > 0 && _received[0] != (byte)'{')
                || !(await ReadMessageAsync(limit.Token)).TryGetProperty("QMP", out _))
            {
                throw NotQmp();
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new QmpClientException(
                $"what answers on {_address} sent no QMP greeting within {GreetingTimeout.TotalSeconds} s: "
                    + "--qmp or $REPLICATION_QMP says where the service's QMP is");
        }
    }

    private QmpClientException NotQmp() =>
        new($"what answers on {_address} is no QMP server: "
            + "--qmp or $REPLICATION_QMP says where the service's QMP is");

    private async Task<JsonElement> ReadMessageAsync(CancellationToken cancellation) =>
        Parse(await ReadLineAsync(cancellation)
            ?? throw new QmpClientException($"the service on {_address} closed the connection"));

    private JsonElement Parse(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document.RootElement.Clone();
            }
        }
        catch (JsonException)
        {
            // Said below: what a server sends that is no object is no QMP.
        }

        throw NotQmp();
    }

    /// <summary>The next line that is not empty, without its end; null at the end of the stream.</summary>
    private async Task<string?> ReadLineAsync(CancellationToken cancellation)
    {
        while (true)
        {
            int end = _received.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            _line.Write(_received, _start, end < 0 ? _end - _start : end);
            _start = end < 0 ? _end : _start + end + 1;
            if (_line.Length > LineLengthMaxBytes)
            {
                throw new QmpClientException($"what answers on {_address} sends lines without end");
            }

            if (end >= 0)
            {
                string line = Encoding.UTF8.GetString(_line.GetBuffer(), 0, (int)_line.Length).Trim();
                _line.SetLength(0);
                if (line.Length > 0)
                {
                    return line;
                }

                continue;
            }

            // Both at once, so that a wait that is given up leaves nothing to be read twice.
            (_start, _end) = (0, 0);
            _end = await ReceiveAsync(cancellation);
            if (_end == 0)
            {
                return null;
            }
        }
    }
}
