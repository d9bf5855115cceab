using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Replication.Gateway.Listening;
using Replication.Gateway.Qmp.Client;
using Replication.Host.Output;

namespace Replication.Host.Commands;

/// <summary>One command line that is carried out by the service.</summary>
/// <param name="Service">Where the service is.</param>
/// <param name="Client">Connected and negotiated; its owner is who made the call.</param>
/// <param name="Parsed">What was typed.</param>
/// <param name="Output">Where to write.</param>
/// <param name="IsJson">True: what the service returned, in one line, and nothing else.</param>
/// <param name="Cancellation">Somebody has seen enough.</param>
internal sealed record ServiceCall(
    ListenAddress Service,
    QmpClient Client,
    ParseResult Parsed,
    CommandOutput Output,
    bool IsJson,
    CancellationToken Cancellation)
{
    /// <summary>The value of an argument that cannot be left out.</summary>
    public string Get(Argument<string?> argument) =>
        Parsed.GetValue(argument)
            ?? throw new InvalidOperationException($"{argument.Name} was parsed without a value");

    /// <summary>Carries out a QMP command.</summary>
    /// <exception cref="QmpClientException">The service refused; its text is the message.</exception>
    public Task<JsonElement> ExecuteAsync(string command, JsonObject? arguments = null) =>
        Client.ExecuteAsync(command, arguments, Cancellation);

    /// <summary>Carries out a QMP command, and writes what it returned or the text for it.</summary>
    /// <exception cref="QmpClientException">The service refused; its text is the message.</exception>
    public async Task ReportAsync(
        string command, JsonObject? arguments, Action<JsonElement, CommandOutput> text)
    {
        JsonElement returned = await ExecuteAsync(command, arguments);
        Write(returned, output => text(returned, output));
    }

    /// <summary>One volume; the service refuses where there is none of that name.</summary>
    public async Task<JsonElement> QueryVolumeAsync(string name)
    {
        JsonElement volumes = await ExecuteAsync("query-volumes", new JsonObject { ["name"] = name });
        return volumes.GetArrayLength() == 1
            ? volumes[0]
            : throw new CommandFailedException($"the service knows no volume '{name}'");
    }

    /// <summary>Writes what the service returned, or the text that stands for it.</summary>
    public void Write(JsonElement returned, Action<CommandOutput> text)
    {
        if (IsJson)
        {
            Output.Out.WriteLine(returned.GetRawText());
        }
        else
        {
            text(Output);
        }
    }
}
