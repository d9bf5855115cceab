using System.Net;
using System.Net.Sockets;
using System.Text;
using Replication.Gateway.Http;
using Replication.Gateway.Http.Pages;
using Replication.Gateway.Listening;
using Replication.Gateway.Metrics;

namespace Replication.Gateway.Tests.Http;

/// <summary>A door on any free port, with its three pages, and clients for it.</summary>
internal sealed class HttpFixture : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpDoor _door;

    private HttpFixture(HttpDoor door) => _door = door;

    internal MetricRegistry Metrics { get; private init; } = null!;

    internal ReadyPage Ready { get; private init; } = null!;

    internal HttpClient Client { get; } = new();

    internal ListenAddress Address => _door.Address;

    internal static async Task<HttpFixture> OpenAsync(params IHttpPage[] more)
    {
        MetricRegistry metrics = new();
        ReadyPage ready = new();
        HttpDoor door = await HttpDoor.OpenAsync(
            ListenAddress.Parse("127.0.0.1:0"), [new HealthPage(), ready, new MetricsPage(metrics), .. more]);
        return new HttpFixture(door) { Metrics = metrics, Ready = ready };
    }

    internal Uri UriOf(string path) => new($"http://{Address}{path}");

    internal async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using HttpResponseMessage response = await Client.GetAsync(UriOf(path)).WaitAsync(Patience);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Sends bytes as they are, and everything that comes back until the door closes.</summary>
    internal async Task<string> SendRawAsync(string text)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Address.EndPoint);
        StringBuilder answer = new();
        byte[] buffer = new byte[4096];
        try
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(text));
            int read;
            while ((read = await socket.ReceiveAsync(buffer).WaitAsync(Patience)) > 0)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (SocketException)
        {
            // Reset: what was sent beyond the limit was never read.
        }

        return answer.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _door.DisposeAsync();
        Metrics.Dispose();
    }
}
