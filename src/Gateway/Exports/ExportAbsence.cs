namespace Replication.Gateway.Exports;

/// <summary>Why there is no export of a name that clients may ask for.</summary>
/// <param name="Reason">A sentence for them, with what would change it.</param>
/// <param name="IsHeldBack">
/// True: the export is there in the record and is kept from clients on purpose. False: it is gone.
/// </param>
public sealed record ExportAbsence(string Reason, bool IsHeldBack)
{
    /// <summary>Longest <see cref="Reason"/>, in characters: as UTF-8 it fits one NBD string.</summary>
    public const int ReasonLengthMax = 1024;
}
