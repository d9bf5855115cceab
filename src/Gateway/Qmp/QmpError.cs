namespace Replication.Gateway.Qmp;

/// <summary>An error as a client gets it.</summary>
/// <param name="Class">QEMU's class, one of the names below.</param>
/// <param name="Desc">A sentence; QEMU's own words where QEMU has this error.</param>
public sealed record QmpError(string Class, string Desc)
{
    /// <summary>The class of errors that have no class of their own.</summary>
    public const string GenericErrorClass = "GenericError";

    /// <summary>The class of commands that are unknown, or not to be used now.</summary>
    public const string CommandNotFoundClass = "CommandNotFound";

    /// <summary>An error without a class of its own.</summary>
    public static QmpError Generic(string desc) => new(GenericErrorClass, desc);

    /// <summary>A command that is unknown, or not to be used now.</summary>
    public static QmpError CommandNotFound(string desc) => new(CommandNotFoundClass, desc);
}
