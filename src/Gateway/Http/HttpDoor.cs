using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Replication.Gateway.Listening;

namespace Replication.Gateway.Http;

/// <summary>
/// The door for those who watch: HTTP/1.1 on a loopback address, pages that can be looked at, nothing that
/// can be changed. Bounds are in <see cref="HttpLimits"/>.
/// </summary>
public sealed class HttpDoor : IAsyncDisposable
{
    private readonly KestrelServer _server;

    private HttpDoor(KestrelServer server, ListenAddress address)
    {
        _server = server;
        Address = address;
    }

    /// <summary>Where it really is.</summary>
    public ListenAddress Address { get; }

    /// <summary>Opens the door.</summary>
    /// <param name="address">HOST:PORT; port 0 takes any free one.</param>
    /// <param name="pages">What is behind it, each under another path.</param>
    /// <param name="nextIfTaken">True: if the port is taken, one of the next ones will do, and in the end
    /// any.</param>
    /// <exception cref="ListenException">The address cannot be had, or is a unix socket.</exception>
    public static async Task<HttpDoor> OpenAsync(
        ListenAddress address, IReadOnlyList<IHttpPage> pages, bool nextIfTaken = false)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.EndPoint is not IPEndPoint wanted)
        {
            throw new ListenException($"HTTP is served on HOST:PORT, not on {address}");
        }

        HttpApplication application = new(pages);
        foreach (int port in Ports(wanted.Port, nextIfTaken))
        {
            if (await TryOpenAsync(new IPEndPoint(wanted.Address, port), application) is { } door)
            {
                return door;
            }
        }

        throw new ListenException(
            $"{address} is taken by another process: stop it, or choose another address");
    }

    /// <summary>Accepts nobody any more, and gives what is under way a moment.</summary>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource limit = new(HttpLimits.CloseTimeout);
        await _server.StopAsync(limit.Token);
        _server.Dispose();
    }

    private static IEnumerable<int> Ports(int first, bool nextIfTaken)
    {
        yield return first;
        if (!nextIfTaken)
        {
            yield break;
        }

        for (int port = first + 1; port <= Math.Min(first + HttpLimits.PortsTried, ushort.MaxValue); port++)
        {
            yield return port;
        }

        yield return 0;
    }

    /// <summary>Null when the port is taken.</summary>
    private static async Task<HttpDoor?> TryOpenAsync(IPEndPoint endPoint, HttpApplication application)
    {
        KestrelServer server = new(
            Options.Create(OptionsFor(endPoint)),
            new SocketTransportFactory(
                Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance),
            NullLoggerFactory.Instance);
        try
        {
            await server.StartAsync(application, CancellationToken.None);
            string bound = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
            return new HttpDoor(server, ListenAddress.Parse(new Uri(bound).Authority));
        }
        catch (Exception failed) when (failed is IOException or SocketException)
        {
            // Bound at the same moment as another process, a port turns out to be taken only by its listen,
            // whose failure Kestrel passes on as it is.
            server.Dispose();
            return IsTaken(failed)
                ? null
                : throw new ListenException($"cannot listen on {endPoint}: {failed.Message}");
        }
    }

    private static bool IsTaken(Exception failure) =>
        failure.GetBaseException() is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse };

    private static KestrelServerOptions OptionsFor(IPEndPoint endPoint)
    {
        KestrelServerOptions options = new() { AddServerHeader = false };
        KestrelServerLimits limits = options.Limits;
        limits.MaxConcurrentConnections = HttpLimits.ConnectionsMax;
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.MaxRequestLineSize = HttpLimits.RequestLineBytesMax;
        limits.MaxRequestHeadersTotalSize = HttpLimits.HeaderBytesMax;
        limits.MaxRequestHeaderCount = HttpLimits.HeaderCountMax;
        limits.MaxRequestBufferSize = HttpLimits.RequestLineBytesMax + HttpLimits.HeaderBytesMax;
        limits.MaxRequestBodySize = 0;
        limits.RequestHeadersTimeout = HttpLimits.HeadersTimeout;
        limits.KeepAliveTimeout = HttpLimits.KeepAliveTimeout;
        options.Listen(endPoint, static listen => listen.Protocols = HttpProtocols.Http1);
        return options;
    }
}
