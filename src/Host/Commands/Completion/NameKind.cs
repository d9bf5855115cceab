namespace Replication.Host.Commands.Completion;

/// <summary>Which names of the running service an argument or option takes.</summary>
internal enum NameKind
{
    /// <summary>A volume.</summary>
    Volume,

    /// <summary>A storage node without a child of the volume that is the command's first argument.</summary>
    FreeNode,

    /// <summary>Storage nodes, parted by commas.</summary>
    NodeList,

    /// <summary>A child of the volume that is the command's first argument.</summary>
    Child,
}
