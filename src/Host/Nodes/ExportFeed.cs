using Replication.Actors;
using Replication.Coordinator.Entry;
using Replication.Gateway.Exports;

namespace Replication.Host.Nodes;

/// <summary>
/// Keeps the catalog of exports as the gateway announces volumes; runs on the announcing actor's thread.
/// </summary>
internal sealed class ExportFeed(ExportCatalog exports) : CallbackRef
{
    /// <inheritdoc/>
    protected override void OnMessage(object message, IActorRef? sender)
    {
        switch (message)
        {
            case VolumeExported volume:
                // A volume that was restarted is announced again, with another actor behind the name.
                exports.Remove(volume.Name, "the volume was opened again");
                exports.Add(new Export(
                    volume.Name, volume.SizeBytes, volume.Volume, ReadOnly: false, Description: ""));
                break;
            case VolumeWithdrawn volume:
                exports.Remove(volume.Name, volume.Reason);
                break;
        }
    }
}
