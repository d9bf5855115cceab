using System.CommandLine;
using Replication.Host.Commands.Completion;
using Replication.Host.Options;

namespace Replication.Host.Commands;

/// <summary>The arguments that several commands take.</summary>
internal static class Arguments
{
    /// <summary>The name of a volume that is there.</summary>
    public static Argument<string?> Volume(CommandScope scope, string name)
    {
        Argument<string?> argument = new(name)
        {
            Description = "The volume's name",
            CustomParser = OptionParsers.Plain,
        };
        scope.CompleteBy(NameKind.Volume, argument);
        return argument;
    }
}
