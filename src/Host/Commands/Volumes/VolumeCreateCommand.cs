using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using Replication.Cluster.Records;
using Replication.Host.Commands.Completion;
using Replication.Host.Options;
using Replication.Host.Output;
using Replication.Messages.Digests;

namespace Replication.Host.Commands.Volumes;

/// <summary>
/// <c>volume create</c>. What is left out is left to the service, but rewrite-corrupted: QMP's default is
/// QEMU's, off, and this command's is on.
/// </summary>
internal sealed class VolumeCreateCommand
{
    private const int BlkverifyChildren = 2;
    private const string WantsTwo = "compares exactly two children: --children NODE,NODE names them";

    private readonly Argument<string?> _name = new("NAME")
    {
        Description = "The volume's name, which is also its export's",
        CustomParser = OptionParsers.Name,
    };

    private readonly Option<long?> _size = new("--size")
    {
        HelpName = "SIZE",
        Description = "Its size, such as 512MiB or 10GiB",
        Required = true,
        CustomParser = OptionParsers.VolumeSize,
    };

    private readonly Option<string[]?> _children = new("--children")
    {
        HelpName = "NODE,...",
        Description = "The storage nodes that get a replica each; given again it adds to them. "
            + "Default: all of them",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = OptionParsers.Names,
    };

    private readonly Option<int?> _threshold = new("--threshold")
    {
        HelpName = "N",
        Description = "Equal votes that win a read, and children in sync that writes need. "
            + "Default: half of the children and one",
        CustomParser = OptionParsers.Integer(1, RecordLimits.ChildrenMax),
    };

    private readonly Option<ReadPattern?> _readPattern = new("--read-pattern")
    {
        HelpName = "quorum|fifo",
        Description = "Whether reads are put to a vote, or answered by the first child that can. "
            + "Default: quorum",
        CustomParser = OptionParsers.Word<ReadPattern>,
    };

    private readonly Option<OnOff?> _rewriteCorrupted = new("--rewrite-corrupted")
    {
        HelpName = "on|off",
        Description = "Whether a replica that lost a vote is rewritten with what won. "
            + "Default: on, with --blkverify off",
        CustomParser = OptionParsers.Switch,
    };

    private readonly Option<bool> _blkverify = new("--blkverify")
    {
        Description = "Compares two children at each read, and stops the volume where they differ",
    };

    private readonly Option<DigestKind?> _digest = new("--digest")
    {
        HelpName = "xxh128|sha256",
        Description = "What votes are made of: sha256 where a node is not trusted. Default: xxh128",
        CustomParser = OptionParsers.Word<DigestKind>,
    };

    private readonly Option<Durability?> _durability = new("--durability")
    {
        HelpName = "flush|write",
        Description = "When writes survive the loss of power: after a flush, or once they are answered. "
            + "Default: flush",
        CustomParser = OptionParsers.Word<Durability>,
    };

    private readonly Option<CacheLossPolicy?> _onCacheLoss = new("--on-cache-loss")
    {
        HelpName = "continue|refuse",
        Description = "What happens when every memory of unflushed writes was lost: the volume goes on, or "
            + "stays closed. Default: continue",
        CustomParser = OptionParsers.Word<CacheLossPolicy>,
    };

    private VolumeCreateCommand()
    {
    }

    /// <summary>The command for the command line.</summary>
    public static Command Create(CommandScope scope)
    {
        VolumeCreateCommand create = new();
        scope.CompleteBy(NameKind.NodeList, create._children);
        Command command = scope.OnService(
            "create",
            "Makes a volume with one replica on each node, and exports it over NBD",
            "replication volume create vm1 --size 10GiB --children node1,node2,node3",
            create.RunAsync,
            create._name,
            create._size,
            create._children,
            create._threshold,
            create._readPattern,
            create._rewriteCorrupted,
            create._blkverify,
            create._digest,
            create._durability,
            create._onCacheLoss);
        command.Validators.Add(create.RefuseContradiction);
        return command;
    }

    /// <summary>
    /// A blkverify volume has two children and asks both at each read: there is no first that answers.
    /// </summary>
    private void RefuseContradiction(CommandResult given)
    {
        if (given.GetResult(_blkverify) is { Implicit: false }
            && given.GetResult(_readPattern) is { Errors: var errors } pattern && !errors.Any()
            && pattern.GetValueOrDefault<ReadPattern?>() == ReadPattern.Fifo)
        {
            given.AddError("--blkverify compares two children at each read, and --read-pattern fifo asks "
                + "one: leave one of them out");
        }

        if (given.GetResult(_blkverify) is { Implicit: false }
            && given.GetResult(_children) is { Errors: var wrong } children && !wrong.Any()
            && children.GetValueOrDefault<string[]?>() is { Length: not BlkverifyChildren })
        {
            given.AddError($"--blkverify {WantsTwo}");
        }
    }

    private async Task RunAsync(ServiceCall call)
    {
        if (call.Parsed.GetValue(_blkverify) && call.Parsed.GetValue(_children) is not { Length: > 0 })
        {
            await CheckAllAreTwoAsync(call);
        }

        Task<JsonElement> creating = call.ExecuteAsync("volume-create", ArgumentsOf(call.Parsed));
        await CreationHint.WriteIfSlowAsync(call, creating, call.Parsed.GetValue(_children));
        JsonElement volume = await creating;
        call.Write(volume, output => VolumeSentences.WriteCreated(volume, output));
    }

    /// <summary>Without --children a volume gets all nodes, which fits only where there are two.</summary>
    private static async Task CheckAllAreTwoAsync(ServiceCall call)
    {
        JsonElement cluster = await call.ExecuteAsync("query-cluster");
        int nodes = cluster.GetProperty("nodes").GetArrayLength();
        if (nodes != BlkverifyChildren)
        {
            throw new CommandFailedException($"--blkverify {WantsTwo}; without --children it is all {nodes}");
        }
    }

    private JsonObject ArgumentsOf(ParseResult parsed)
    {
        bool isBlkverify = parsed.GetValue(_blkverify);
        JsonObject arguments = new()
        {
            ["name"] = parsed.GetValue(_name),
            ["size"] = parsed.GetValue(_size),
        };
        if (parsed.GetValue(_children) is { Length: > 0 } children)
        {
            arguments["children"] = new JsonArray([.. children.Select(static node => (JsonNode?)node)]);
        }

        AddIfGiven("vote-threshold", parsed.GetValue(_threshold));
        AddIfGiven("read-pattern", Word(parsed.GetValue(_readPattern)));
        arguments["rewrite-corrupted"] =
            parsed.GetValue(_rewriteCorrupted) is { } given ? given == OnOff.On : !isBlkverify;
        AddIfGiven("blkverify", isBlkverify ? true : null);
        AddIfGiven("digest", Word(parsed.GetValue(_digest)));
        AddIfGiven("durability", Word(parsed.GetValue(_durability)));
        AddIfGiven("on-cache-loss", Word(parsed.GetValue(_onCacheLoss)));
        return arguments;

        void AddIfGiven(string name, JsonNode? value)
        {
            if (value is not null)
            {
                arguments[name] = value;
            }
        }
    }

    private static string? Word<T>(T? value)
        where T : struct, Enum => value is { } given ? EnumWords<T>.Of(given) : null;
}
