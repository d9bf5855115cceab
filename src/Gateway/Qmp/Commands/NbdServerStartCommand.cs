using Replication.Gateway.Listening;
using Replication.Gateway.Nbd;

namespace Replication.Gateway.Qmp.Commands;

/// <summary><c>nbd-server-start</c>: opens the NBD server for whatever is exported.</summary>
/// <param name="door">What is opened.</param>
public sealed class NbdServerStartCommand(INbdDoor door) : IQmpCommand
{
    private const string Inet = "inet";
    private const string Unix = "unix";

    /// <inheritdoc/>
    public string Name => "nbd-server-start";

    /// <inheritdoc/>
    public ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        string address = ReadAddress(arguments.Object("addr"));
        string? credentials = arguments.OptionalString("tls-creds");
        long connectionsMax = arguments.OptionalInteger("max-connections", 0, int.MaxValue) ?? 0;
        return ValueTask.FromResult(
            arguments.Fails(out QmpResult? failure) ? failure
            : credentials is not null ? QmpResult.Fail($"No TLS credentials with id '{credentials}'")
            : Open(address, connectionsMax));
    }

    private static string ReadAddress(QmpArguments address)
    {
        string kind = address.Word("type", Inet, Unix);
        QmpArguments data = address.Object("data");
        if (kind == Unix)
        {
            return $"unix:{data.String("path")}";
        }

        string host = data.String("host");
        string port = data.String("port");
        return host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
    }

    /// <summary>No more clients than configured; 0 stands for that.</summary>
    private QmpResult Open(string address, long connectionsMax)
    {
        try
        {
            return door.TryOpen(
                ListenAddress.Parse(address), connectionsMax == 0 ? null : (int)connectionsMax) is null
                ? QmpResult.Fail("NBD server already running")
                : QmpResult.Empty;
        }
        catch (ListenException refused)
        {
            return QmpResult.Fail(refused.Message);
        }
    }
}
