namespace Replication.Gateway.Exports;

/// <summary>
/// The use of an export by one connection: from attach to dispose it hears of a withdrawal.
/// </summary>
public sealed class ExportAttachment : IDisposable
{
    private readonly ExportCatalog _catalog;

    internal ExportAttachment(ExportCatalog catalog, Export export, IExportUser user)
    {
        _catalog = catalog;
        Export = export;
        User = user;
    }

    /// <summary>What is used.</summary>
    public Export Export { get; }

    internal IExportUser User { get; }

    /// <summary>
    /// Keeps hearing of a withdrawal after the use has ended, for what it left behind: it does not count as a
    /// use. Null when the export has been withdrawn already. Dispose to end it.
    /// </summary>
    internal ExportAttachment? Outlive(IExportUser remains) => _catalog.AttachRemains(Export, remains);

    /// <summary>Ends the use. A second call does nothing.</summary>
    public void Dispose() => _catalog.Detach(this);
}
