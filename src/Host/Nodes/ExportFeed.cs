using Replication.Actors;
using Replication.Actors.Logging;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Gateway.Exports;

namespace Replication.Host.Nodes;

/// <summary>
/// Keeps the catalog of exports as volumes announce them. An export that is announced again unchanged stays
/// as it is, with its connections. A name belongs to the volume that had it first; another that offers it too
/// gets it when it is free. Clients that ask for what is not served any more, or not now, are told why. Runs
/// on the announcing actors' threads, one at a time.
/// </summary>
internal sealed class ExportFeed(ExportCatalog exports, Log log) : CallbackRef
{
    private const string Source = "exports";

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Export[]> _offered = new(StringComparer.Ordinal);

    // The names of exports that clients may know of volumes that are not offered.
    private readonly SortedDictionary<string, (string[] Names, ExportAbsence Absence)> _heldBack =
        new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (string Volume, Export Export)> _served =
        new(StringComparer.Ordinal);

    /// <inheritdoc/>
    protected override void OnMessage(object message, IActorRef? sender)
    {
        lock (_lock)
        {
            switch (message)
            {
                case VolumeExported volume:
                    string[] heldBack = TakeHeldBack(volume.Name);
                    _offered[volume.Name] =
                        [.. volume.Exports.Select(export => ExportOf(volume, export))];
                    Withdraw(volume.Name, "the export was removed or the volume opened again");
                    ServeOffered();
                    Explain(heldBack, absence: null);
                    break;
                case VolumeWithdrawn volume:
                    OnWithdrawn(volume);
                    break;
                case VolumeRemoved volume:
                    Explain(
                        [volume.Volume],
                        new ExportAbsence($"volume {volume.Volume} was deleted", IsHeldBack: false));
                    break;
                case VolumeHeldBack volume:
                    OnHeldBack(volume);
                    break;
            }
        }
    }

    private static Export ExportOf(VolumeExported volume, VolumeExport export) =>
        new(export.Name, volume.SizeBytes, volume.Volume, !export.Writable, export.Description);

    private void OnWithdrawn(VolumeWithdrawn volume)
    {
        IEnumerable<string> offered =
            _offered.GetValueOrDefault(volume.Name, []).Select(static export => export.Name);
        string[] names = [.. offered, .. TakeHeldBack(volume.Name)];
        _offered.Remove(volume.Name);
        Withdraw(volume.Name, volume.Reason);
        ServeOffered();
        Explain(names, new ExportAbsence(
            $"volume {volume.Name} is not served: {volume.Reason}", IsHeldBack: false));
    }

    private void OnHeldBack(VolumeHeldBack volume)
    {
        string[] names = [.. volume.Exports.Select(static export => export.Name)];
        string[] before = TakeHeldBack(volume.Name);
        string difference = volume.Difference ?? "blkverify found that its children differ";
        ExportAbsence absence = new(
            $"volume {volume.Name} is stopped: {difference}; volume-reopen starts it again",
            IsHeldBack: true);
        _heldBack[volume.Name] = (names, absence);
        Explain(before.Except(names), absence: null);
        Explain(names, absence);
    }

    private string[] TakeHeldBack(string volume) =>
        _heldBack.Remove(volume, out (string[] Names, ExportAbsence Absence) heldBack) ? heldBack.Names : [];

    /// <summary>
    /// Says why names are absent: not of those that are served, whoever does; and what a volume that is held
    /// back has to say of its names goes before what others have.
    /// </summary>
    private void Explain(IEnumerable<string> names, ExportAbsence? absence)
    {
        foreach (string name in names.Where(name => !_served.ContainsKey(name)))
        {
            ExportAbsence? ofHolder = _heldBack.Values
                .FirstOrDefault(heldBack => heldBack.Names.Contains(name)).Absence;
            exports.Explain(name, ofHolder ?? absence);
        }
    }

    /// <summary>Takes away what a volume does not offer any more, or offers otherwise than before.</summary>
    private void Withdraw(string volume, string reason)
    {
        Export[] offered = _offered.GetValueOrDefault(volume, []);
        Export[] gone =
        [
            .. _served.Values
                .Where(served => served.Volume == volume && !offered.Contains(served.Export))
                .Select(static served => served.Export),
        ];
        foreach (Export export in gone)
        {
            _served.Remove(export.Name);
            exports.Remove(export.Name, reason);
        }
    }

    private void ServeOffered()
    {
        foreach ((string volume, Export[] offered) in _offered)
        {
            foreach (Export export in offered)
            {
                if (!_served.TryGetValue(export.Name, out (string Volume, Export Export) served))
                {
                    _served.Add(export.Name, (volume, export));
                    exports.Add(export);
                }
                else if (served.Volume != volume)
                {
                    log.Warning(
                        Source,
                        $"volume {volume} is not exported as '{export.Name}': volume {served.Volume} is");
                }
            }
        }
    }
}
