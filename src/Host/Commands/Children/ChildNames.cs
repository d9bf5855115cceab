using System.Text.Json;
using Replication.Host.Output;

namespace Replication.Host.Commands.Children;

/// <summary>Finds the child that somebody means.</summary>
internal static class ChildNames
{
    /// <summary>
    /// The slot, <c>children.N</c>, of a child that is given by its slot, its node-name or its node.
    /// </summary>
    /// <exception cref="CommandFailedException">None or several are meant.</exception>
    public static async Task<string> SlotAsync(ServiceCall call, string volume, string given)
    {
        JsonElement found = await call.QueryVolumeAsync(volume);
        JsonElement[] children = [.. found.GetProperty("children").EnumerateArray()];
        string[] slots =
        [
            .. children
                .Where(child => Is(child, "name") || Is(child, "node-name") || Is(child, "node"))
                .Select(static child => JsonMembers.Text(child, "name", otherwise: "")),
        ];
        return slots switch
        {
            [string slot] => slot,
            [] => throw new CommandFailedException(
                $"volume {volume} has no child '{given}': it has {All(children)}"),
            _ => throw new CommandFailedException(
                $"'{given}' could be {string.Join(" or ", slots)} of volume {volume}"),
        };

        bool Is(JsonElement child, string member) => JsonMembers.Text(child, member, otherwise: "") == given;
    }

    private static string All(JsonElement[] children) => string.Join(", ", children.Select(static child =>
        $"{JsonMembers.Text(child, "name", "?")} on {JsonMembers.Text(child, "node", "?")}"));
}
