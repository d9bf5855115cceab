namespace Replication.Gateway.Qmp.Blocks;

/// <summary>QEMU's sentences about block nodes, word for word, and its rule for their names.</summary>
internal static class BlockTexts
{
    /// <summary>QEMU's longest node-name.</summary>
    public const int NodeNameLengthMax = 31;

    /// <summary>A node that a command refers to is not there.</summary>
    public static string CannotFind(string name) => CannotFind(name, name);

    /// <summary>The same where QEMU looks for a node only, and names an empty device.</summary>
    public static string CannotFindNode(string name) => CannotFind(device: "", name);

    /// <summary>A name is taken.</summary>
    public static string Duplicate(string name) => $"Duplicate nodes with node-name='{name}'";

    /// <summary>A replica belongs to a quorum, or is being given to one.</summary>
    public static string HasParent(string name) => $"The node {name} already has a parent";

    /// <summary>What QEMU would nest: a quorum as a child.</summary>
    public static string NoReplica(string name) => $"Node '{name}' is a quorum; a child is a replica";

    /// <summary>Why QEMU does not take this for the name of a new node; null when it does.</summary>
    public static string? NodeNameError(string name)
    {
        bool wellFormed = name.Length > 0 && char.IsAsciiLetter(name[0])
            && name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '_');
        return !wellFormed ? $"Invalid node-name: '{name}'"
            : name.Length > NodeNameLengthMax ? "Node name too long"
            : null;
    }

    private static string CannotFind(string device, string name) =>
        $"Cannot find device='{device}' nor node-name='{name}'";
}
