namespace Replication.Host.Options;

/// <summary>
/// A choice that is written out. It is no bool, for which the command line's parser has words of its own.
/// </summary>
internal enum OnOff
{
    /// <summary><c>off</c>.</summary>
    Off,

    /// <summary><c>on</c>.</summary>
    On,
}
