using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Replication.Host.Tests.Telemetry;

/// <summary>A collector of OpenTelemetry on loopback: takes what is posted to it.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpListener _listener = new();
    private readonly Channel<OtlpRequest> _requests = Channel.CreateUnbounded<OtlpRequest>();
    private readonly Task _serving;

    internal OtlpReceiver()
    {
        using (Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            Endpoint = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndPoint!).Port}";
        }

        _listener.Prefixes.Add($"{Endpoint}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>What the setting otlp.endpoint is to be.</summary>
    internal string Endpoint { get; }

    /// <summary>The next request that came, or comes within a minute.</summary>
    internal async Task<OtlpRequest> NextAsync() =>
        await _requests.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>What came, and nobody has asked for.</summary>
    internal IEnumerable<OtlpRequest> Rest()
    {
        while (_requests.Reader.TryRead(out OtlpRequest? request))
        {
            yield return request;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using MemoryStream body = new();
            await context.Request.InputStream.CopyToAsync(body);
            _requests.Writer.TryWrite(new OtlpRequest(
                context.Request.Url!.AbsolutePath,
                context.Request.ContentType,
                context.Request.Headers["Authorization"],
                new ProtobufMessage(body.ToArray())));
            context.Response.ContentType = "application/x-protobuf";
            context.Response.Close();
        }
    }
}

/// <summary>One post.</summary>
internal sealed record OtlpRequest(
    string Path, string? ContentType, string? Authorization, ProtobufMessage Message);
