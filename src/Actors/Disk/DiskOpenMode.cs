namespace Replication.Actors.Disk;

/// <summary>Whether a file to be opened must exist.</summary>
public enum DiskOpenMode
{
    /// <summary>ENOENT when it does not exist.</summary>
    Existing,

    /// <summary>EEXIST when it does.</summary>
    New,

    /// <summary>Opened when it exists, else created.</summary>
    Any,
}
