using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Replication.Host.Output;

namespace Replication.Host.Commands;

/// <summary>Prints a command's help and then an example; lines are wrapped for a terminal only.</summary>
internal sealed class HelpWithExample(
    HelpAction help, CommandOutput output, IReadOnlyDictionary<Command, string> examples)
    : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        if (!output.IsTerminal)
        {
            help.MaxWidth = CommandOutput.PipeWidth;
        }

        int exitCode = help.Invoke(parseResult);
        if (examples.TryGetValue(parseResult.CommandResult.Command, out string? example))
        {
            output.Out.WriteLine("Example:");
            foreach (string line in example.Split('\n'))
            {
                output.Out.WriteLine($"  {line}");
            }
        }

        return exitCode;
    }

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;
}
