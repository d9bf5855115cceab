using System.CommandLine;
using Replication.Host.Nodes;
using Replication.Host.Options;
using Replication.Host.Output;

namespace Replication.Host.Commands;

/// <summary><c>node</c>: one process of a cluster, its roles by the configuration.</summary>
internal static class NodeCommand
{
    private static readonly Option<string?> Config = new("--config")
    {
        HelpName = "FILE",
        Description = "The file with the cluster's configuration; docs/configuration.md says what is in it",
        Required = true,
        CustomParser = OptionParsers.File,
    };

    private static readonly Option<string?> Name = new("--name")
    {
        HelpName = "NAME",
        Description = "Which of its nodes this process is",
        Required = true,
        CustomParser = OptionParsers.Name,
    };

    private static readonly Option<string[]> Set = new("--set")
    {
        HelpName = "KEY=VALUE",
        Description = "Overrides a setting of the file, such as gateway.child-timeout=2s; any number of them",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private static readonly Option<bool> Check = new("--check")
    {
        Description = "Says what is wrong with the configuration, and starts nothing",
    };

    private static readonly Option<bool> Verbose = new("--verbose", "-v")
    {
        Description = "Logs everything, on the standard error too",
    };

    /// <summary>The command for the command line.</summary>
    public static Command Create(CommandOutput output)
    {
        Command command = new("node", "Runs one node of a cluster: storage, or the gateway")
        {
            Config, Name, Set, Check, Verbose,
        };
        command.SetAction(async (parsed, cancellation) => await NodeRun.RunAsync(
            new NodeOptions
            {
                ConfigurationPath = parsed.GetValue(Config)!,
                Name = parsed.GetValue(Name)!,
                Overrides = parsed.GetValue(Set) ?? [],
                IsCheck = parsed.GetValue(Check),
                Verbose = parsed.GetValue(Verbose),
            },
            output,
            cancellation));
        return command;
    }
}
