using System.CommandLine;
using Replication.Cluster.Records;
using Replication.Gateway.Listening;
using Replication.Host.Configuration;
using Replication.Host.Demo;
using Replication.Host.Options;
using Replication.Host.Output;
using Replication.Messages.Digests;

namespace Replication.Host.Commands;

/// <summary><c>demo</c>: storage nodes and a gateway in one process, with one volume.</summary>
internal static class DemoCommand
{
    private const string NbdDefault = "127.0.0.1:10809";
    private const string HttpDefault = "127.0.0.1:8080";
    private const string DataDefault = "./replication-data";

    private static readonly Option<string?> Data = new("--data")
    {
        HelpName = "DIR",
        Description = "Where everything is kept; a demo started again there goes on with it",
        DefaultValueFactory = static _ => DataDefault,
        CustomParser = OptionParsers.Folder,
    };

    private static readonly Option<int?> Nodes = new("--nodes")
    {
        HelpName = "N",
        Description = $"Storage nodes, 1 to {DemoOptions.NodesMax}. "
            + $"Default: those that hold a volume in DIR, else {DemoOptions.NodesDefault}",
        CustomParser = OptionParsers.Integer(1, DemoOptions.NodesMax),
    };

    private static readonly Option<int?> Threshold = new("--threshold")
    {
        HelpName = "N",
        Description = "Equal votes that win a read. Default: half of the nodes and one",
        CustomParser = OptionParsers.Integer(1, DemoOptions.NodesMax),
    };

    private static readonly Option<string?> Volume = new("--volume")
    {
        HelpName = "NAME",
        Description = "The volume's name, which is also its export's",
        DefaultValueFactory = static _ => "demo",
        CustomParser = OptionParsers.Name,
    };

    private static readonly Option<long?> Size = new("--size")
    {
        HelpName = "SIZE",
        Description = "The volume's size, such as 512MiB or 10GiB. Default: 1GiB",
        CustomParser = OptionParsers.VolumeSize,
    };

    private static readonly Option<OnOff?> RewriteCorrupted = new("--rewrite-corrupted")
    {
        HelpName = "on|off",
        Description = "Whether a replica that lost a vote is rewritten with what won. Default: on",
        CustomParser = OptionParsers.Switch,
    };

    private static readonly Option<DigestKind?> Digest = new("--digest")
    {
        HelpName = "xxh128|sha256",
        Description = "What votes are made of: sha256 where a node is not trusted. Default: xxh128",
        CustomParser = OptionParsers.Word<DigestKind>,
    };

    private static readonly Option<Durability?> WhenDurable = new("--durability")
    {
        HelpName = "flush|write",
        Description = "When writes survive the loss of power: after a flush, or once they are answered. "
            + "Default: flush",
        CustomParser = OptionParsers.Word<Durability>,
    };

    private static readonly Option<CacheLossPolicy?> OnCacheLoss = new("--on-cache-loss")
    {
        HelpName = "continue|refuse",
        Description = "What happens when every memory of unflushed writes was lost: the volume goes on, or "
            + "stays closed. Default: continue",
        CustomParser = OptionParsers.Word<CacheLossPolicy>,
    };

    private static readonly Option<ListenAddress?> Nbd = new("--nbd")
    {
        HelpName = "HOST:PORT|unix:PATH",
        Description = $"Where NBD is served. Default: {NbdDefault}",
        CustomParser = OptionParsers.Address,
    };

    private static readonly Option<HttpChoice?> Http = new("--http")
    {
        HelpName = "HOST:PORT|off",
        Description = "Where /healthz, /readyz and /metrics are. "
            + $"Default: {HttpDefault}, the next free port if it is taken",
        CustomParser = OptionParsers.Http,
    };

    private static readonly Option<bool> Verbose = new("--verbose", "-v")
    {
        Description = "Logs everything, on the standard error too",
    };

    /// <summary>The command for the command line.</summary>
    public static Command Create(GlobalOptions global, CommandOutput output)
    {
        Command command = new(
            "demo", "Starts storage nodes and a gateway in one process, with one volume over NBD")
        {
            Data, Nodes, Threshold, Volume, Size, RewriteCorrupted, Digest, WhenDurable, OnCacheLoss,
            Nbd, Http, Verbose,
        };
        command.SetAction(async (parsed, cancellation) =>
            await DemoRun.RunAsync(Read(parsed, global), output, cancellation));
        return command;
    }

    private static DemoOptions Read(ParseResult parsed, GlobalOptions global)
    {
        string folder = Path.GetFullPath(parsed.GetValue(Data)!);
        return new DemoOptions
        {
            DataFolder = folder,
            NodeCount = parsed.GetValue(Nodes),
            Volume = new VolumeWish
            {
                Name = parsed.GetValue(Volume)!,
                Threshold = parsed.GetValue(Threshold),
                SizeBytes = parsed.GetValue(Size),
                RewriteCorrupted = parsed.GetValue(RewriteCorrupted) is { } on ? on == OnOff.On : null,
                Digest = parsed.GetValue(Digest),
                Durability = parsed.GetValue(WhenDurable),
                OnCacheLoss = parsed.GetValue(OnCacheLoss),
            },
            Nbd = parsed.GetValue(Nbd) ?? Address("--nbd", NbdDefault),
            Http = parsed.GetValue(Http) ?? new HttpChoice(HttpDefault),
            IsHttpDefault = parsed.GetValue(Http) is null,
            Qmp = parsed.GetValue(global.Qmp)
                ?? Address("--data", $"unix:{Path.Combine(folder, "qmp.sock")}"),
            Json = parsed.GetValue(global.Json),
            Verbose = parsed.GetValue(Verbose),
        };
    }

    private static ListenAddress Address(string option, string text) =>
        OptionParsers.TryParseAddress(text, out ListenAddress? address, out string? error)
            ? address
            : throw new CommandFailedException($"{option}: {error}");
}
