namespace Replication.Host.Commands;

/// <summary>Examples that the help of several commands ends with.</summary>
internal static class Examples
{
    /// <summary>A second export of a volume, from which can only be read.</summary>
    public const string ReadOnlyExport =
        "replication qmp \"{'execute':'block-export-add','arguments':{'type':'nbd','id':'vm1-ro',"
            + "'node-name':'vm1','name':'vm1-ro','writable':false}}\"    # a read-only export of vm1";
}
