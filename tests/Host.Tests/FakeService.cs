using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Replication.Host.Tests;

/// <summary>
/// Stands in for a service at its QMP door: answers each command as a test wants, and keeps what was asked.
/// Like the real one it answers what it has when a client stops sending, and then closes.
/// </summary>
internal sealed class FakeService : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<string> _asked = [];
    private readonly Dictionary<string, Func<JsonElement, JsonNode?>> _answers = new(StringComparer.Ordinal);
    private readonly List<Task> _running = [];

    internal FakeService()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(_folder.File("qmp.sock")));
        _listener.Listen();
        _running.Add(AcceptAllAsync());
    }

    /// <summary>As it is given to --qmp.</summary>
    internal string Address => $"unix:{_folder.File("qmp.sock")}";

    /// <summary>The commands that were asked, without the negotiation: <c>NAME ARGUMENTS</c>.</summary>
    internal string[] Asked
    {
        get
        {
            lock (_gate)
            {
                return [.. _asked];
            }
        }
    }

    /// <summary>Returns this to a command; single quotes will do.</summary>
    internal FakeService On(string command, string returned) =>
        On(command, _ => JsonNode.Parse(returned.Replace('\'', '"')));

    /// <summary>Returns what this makes of the arguments.</summary>
    internal FakeService On(string command, Func<JsonElement, JsonNode?> answer)
    {
        lock (_gate)
        {
            _answers[command] = answer;
        }

        return this;
    }

    /// <summary>Refuses a command.</summary>
    internal FakeService Refuse(string command, string description) =>
        On(command, _ => throw new RefusedException(description));

    /// <summary>Runs a command line against it.</summary>
    internal Task<(int ExitCode, string Out, string Error)> RunAsync(params string[] arguments) =>
        CommandRun.RunAsync([.. arguments, "--qmp", Address]);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await Task.WhenAll(_running);
        _stop.Dispose();
        _folder.Dispose();
    }

    private async Task AcceptAllAsync()
    {
        try
        {
            while (true)
            {
                _running.Add(ServeAsync(await _listener.AcceptAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using NetworkStream stream = new(client, ownsSocket: true);
        using StreamReader reader = new(stream);
        await using StreamWriter writer = new(stream) { AutoFlush = true, NewLine = "\r\n" };
        try
        {
            await writer.WriteLineAsync("{\"QMP\":{\"version\":{},\"capabilities\":[]}}");
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                await writer.WriteLineAsync(Answer(line));
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // The test, or the client, is done.
        }
    }

    private string Answer(string line)
    {
        using JsonDocument request = JsonDocument.Parse(line);
        string name = request.RootElement.GetProperty("execute").GetString()!;
        if (name == "qmp_capabilities")
        {
            return "{\"return\":{}}";
        }

        JsonElement arguments =
            request.RootElement.TryGetProperty("arguments", out JsonElement given) ? given : default;
        Func<JsonElement, JsonNode?>? answer;
        lock (_gate)
        {
            string text = arguments.ValueKind == JsonValueKind.Undefined ? "" : $" {arguments.GetRawText()}";
            _asked.Add(name + text.Replace('"', '\''));
            answer = _answers.GetValueOrDefault(name);
        }

        try
        {
            return answer is null
                ? Error("CommandNotFound", $"The command {name} has not been found")
                : new JsonObject { ["return"] = answer(arguments) }.ToJsonString();
        }
        catch (RefusedException refused)
        {
            return Error("GenericError", refused.Message);
        }
    }

    private static string Error(string kind, string description) => new JsonObject
    {
        ["error"] = new JsonObject { ["class"] = kind, ["desc"] = description },
    }.ToJsonString();

    private sealed class RefusedException(string description) : Exception(description);
}
