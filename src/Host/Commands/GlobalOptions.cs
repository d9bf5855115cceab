using System.CommandLine;
using Replication.Gateway.Listening;
using Replication.Host.Options;

namespace Replication.Host.Commands;

/// <summary>Options that every command takes, written before or after the command's name.</summary>
internal sealed class GlobalOptions
{
    /// <summary>The variable that says where the service is when --qmp does not.</summary>
    public const string QmpVariable = "REPLICATION_QMP";

    /// <summary>Where the demo's socket is when it is started in the same folder without options.</summary>
    public const string QmpDefault = "./replication-data/qmp.sock";

    /// <summary>Where QMP is: of the service to talk to; for <c>demo</c>, where to serve it.</summary>
    public Option<ListenAddress?> Qmp { get; } = new("--qmp")
    {
        HelpName = "unix:PATH|HOST:PORT",
        Description =
            $"Where QMP is. Default: ${QmpVariable}, else {QmpDefault}; for demo unix:DATA/qmp.sock",
        Recursive = true,
        CustomParser = OptionParsers.Address,
    };

    /// <summary>JSON instead of text.</summary>
    public Option<bool> Json { get; } = new("--json")
    {
        Description = "JSON for programs instead of text for people",
        Recursive = true,
    };

    /// <summary>The service that a command is to talk to.</summary>
    /// <exception cref="CommandFailedException">The variable holds no address.</exception>
    public ListenAddress Service(ParseResult parsed)
    {
        if (parsed.GetValue(Qmp) is { } given)
        {
            return given;
        }

        return OptionParsers.TryParseAddress(ServiceText(), out ListenAddress? address, out string? error)
            ? address
            : throw new CommandFailedException($"{QmpVariable}: {error}");
    }

    /// <summary>Where the service is when the command line does not say, as it is written.</summary>
    public static string ServiceText()
    {
        string? variable = Environment.GetEnvironmentVariable(QmpVariable);
        return string.IsNullOrEmpty(variable) ? QmpDefault : variable;
    }
}
