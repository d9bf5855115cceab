using System.CommandLine;
using Replication.Gateway.Listening;
using Replication.Gateway.Qmp.Client;
using Replication.Host.Commands.Completion;
using Replication.Host.Output;

namespace Replication.Host.Commands;

/// <summary>
/// What the commands of one command line share: where they write, the options that all of them take, an
/// example for the help of each, and what their arguments are completed by.
/// </summary>
internal sealed class CommandScope(GlobalOptions global, CommandOutput output)
{
    private readonly Dictionary<Command, string> _examples = [];
    private readonly Dictionary<Symbol, NameKind> _names = [];

    /// <summary>Options of every command.</summary>
    public GlobalOptions Global { get; } = global;

    /// <summary>Where commands write.</summary>
    public CommandOutput Output { get; } = output;

    /// <summary>What <c>--help</c> ends with.</summary>
    public IReadOnlyDictionary<Command, string> Examples => _examples;

    /// <summary>Arguments and options whose values are names that the service knows.</summary>
    public IReadOnlyDictionary<Symbol, NameKind> Names => _names;

    /// <summary>Gives a command its example: one line as it is typed.</summary>
    public Command WithExample(Command command, string example)
    {
        _examples.Add(command, example);
        return command;
    }

    /// <summary>Has the values of an argument or option completed by names from the service.</summary>
    public void CompleteBy(NameKind kind, Symbol symbol) => _names.Add(symbol, kind);

    /// <summary>A command that asks the service something and ends.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">A sentence for the help.</param>
    /// <param name="example">One line as it is typed.</param>
    /// <param name="act">Runs while the service is connected; what it throws is the command's end.</param>
    /// <param name="parts">Its arguments and options.</param>
    public Command OnService(
        string name, string description, string example, Func<ServiceCall, Task> act, params Symbol[] parts)
    {
        Command command = new(name, description);
        foreach (Symbol part in parts)
        {
            if (part is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)part);
            }
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            ListenAddress service = Global.Service(parsed);
            using QmpClient client = await QmpClient.ConnectAsync(service, cancellation);
            bool isJson = parsed.GetValue(Global.Json);
            await act(new ServiceCall(service, client, parsed, Output, isJson, cancellation));
            return ExitCode.Success;
        });
        return WithExample(command, example);
    }
}
