using System.Net;
using System.Net.Sockets;

namespace Replication.Actors.Tests.Remoting;

/// <summary>A way between two sockets that can be reset, or go silent without being closed.</summary>
internal sealed class FaultyProxy : IDisposable
{
    private readonly List<Socket> _sockets = [];
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly IPEndPoint _target;
    private volatile bool _silent;

    internal FaultyProxy(string targetAddress)
    {
        _target = IPEndPoint.Parse(targetAddress["tcp:".Length..]);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _ = AcceptAsync();
    }

    internal string Address => $"tcp:{_listener.LocalEndPoint}";

    public void Dispose()
    {
        Reset();
        _listener.Dispose();
    }

    /// <summary>Every connection ends with a reset, as if a host had forgotten it.</summary>
    internal void Reset()
    {
        lock (_sockets)
        {
            foreach (Socket socket in _sockets)
            {
                socket.Close(timeout: 0);
            }

            _sockets.Clear();
        }
    }

    /// <summary>Nothing is passed on any more, and nobody is told.</summary>
    internal void Silence() => _silent = true;

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket near;
            try
            {
                near = await _listener.AcceptAsync();
            }
            catch (SocketException)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            Socket far = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await far.ConnectAsync(_target);
            near.LingerState = new LingerOption(enable: true, 0);
            far.LingerState = new LingerOption(enable: true, 0);
            lock (_sockets)
            {
                _sockets.Add(near);
                _sockets.Add(far);
            }

            _ = PassAsync(near, far);
            _ = PassAsync(far, near);
        }
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int countBytes;
            while ((countBytes = await from.ReceiveAsync(buffer)) > 0)
            {
                if (!_silent)
                {
                    await to.SendAsync(buffer.AsMemory(0, countBytes));
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // A reset or a close: both ways have ended.
        }
    }
}
