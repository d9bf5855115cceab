using System.CommandLine;
using System.CommandLine.Help;
using Replication.Cluster;
using Replication.Gateway.Listening;
using Replication.Gateway.Qmp.Client;
using Replication.Host.Commands.Children;
using Replication.Host.Commands.Completion;
using Replication.Host.Commands.Volumes;
using Replication.Host.Configuration;
using Replication.Host.Output;

namespace Replication.Host.Commands;

/// <summary>The whole command line: what can be typed, and what becomes of errors.</summary>
public static class ReplicationCommandLine
{
    /// <summary>Carries out one command line; never throws.</summary>
    /// <param name="arguments">What was typed after the program's name.</param>
    /// <param name="output">Where it writes.</param>
    /// <param name="cancellation">Ends a command that runs until it is told to end, in good order.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, CommandOutput output, CancellationToken cancellation)
    {
        CommandScope scope = new(new GlobalOptions(), output);
        RootCommand root = Create(scope);
        if (arguments.Count > 0 && arguments[0] == CompletionCommand.WordsCommand)
        {
            return await CompletionCommand.PrintCandidatesAsync(
                root, scope, [.. arguments.Skip(1)], cancellation);
        }

        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExample)
        {
            foreach (string message in UsageErrors.Of(parsed))
            {
                output.Fail(message);
            }

            output.Error.WriteLine($"Try '{UsageErrors.PathOf(parsed.CommandResult)} --help'.");
            return ExitCode.Usage;
        }

        try
        {
            InvocationConfiguration configuration = new()
            {
                Output = output.Out,
                Error = output.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, cancellation);
        }
        catch (Exception failure) when (IsSaidPlainly(failure))
        {
            output.Fail(failure.Message);
        }
        catch (ConfigurationException wrong)
        {
            output.Fail(wrong.Message);
            return ExitCode.Usage;
        }
        catch (OperationCanceledException)
        {
            output.Fail(
                cancellation.IsCancellationRequested ? "interrupted" : "the service did not answer in time");
        }
        catch (Exception bug)
        {
            output.Fail($"this should not have happened, please report it: {bug}");
        }

        return ExitCode.Failure;
    }

    /// <summary>True for what goes wrong in operation: the message is a sentence for people.</summary>
    private static bool IsSaidPlainly(Exception failure) =>
        failure is CommandFailedException or QmpClientException or StoreOpenException or ListenException
            or IOException;

    private static RootCommand Create(CommandScope scope)
    {
        RootCommand root = new(
            "Block volumes that outvote a lying disk: replicas on several nodes, served over NBD")
        {
            scope.WithExample(
                DemoCommand.Create(scope.Global, scope.Output),
                "replication demo --data /srv/demo --nodes 5 --size 10GiB --nbd unix:/run/demo.sock"),
            scope.WithExample(
                NodeCommand.Create(scope.Output),
                "replication node --config /etc/replication/cluster.hocon --name node1"),
            VolumeCommand.Create(scope),
            ChildCommand.Create(scope),
            StatusCommand.Create(scope),
            EventsCommand.Create(scope),
            QmpCommand.Create(scope),
            CompletionCommand.Create(scope),
        };
        root.Add(scope.Global.Qmp);
        root.Add(scope.Global.Json);
        scope.WithExample(root, "replication demo");
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help } helpOption)
            {
                helpOption.Action = new HelpWithExample(help, scope.Output, scope.Examples);
            }
        }

        return root;
    }
}
