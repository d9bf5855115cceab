using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Storage;

/// <summary>
/// Makes the files of one new replica and ends. They are made in <c>new/</c>, all pages first, then the
/// header, each synced, and moved to their place as a whole: a crash leaves either a complete replica or
/// none, and nothing that exists is ever written over.
/// </summary>
internal sealed class ReplicaCreator(IDisk disk, ReplicaIdentity identity) : Actor
{
    private readonly string _staging = ReplicaPaths.Staging(identity.ReplicaId);
    private readonly SidecarState _state = new(SidecarHeader.For(identity), nextSlot: 0);
    private IBlockDevice? _data;
    private IBlockDevice? _sidecar;
    private SidecarWriter? _writer;
    private bool _pagesWritten;
    private bool _stagingCleared;

    /// <inheritdoc/>
    protected override void PreStart() => disk.List(ReplicaPaths.Folder(identity.VolumeName), Self);

    /// <inheritdoc/>
    protected override void PostStop() => DisposeDevices();

    /// <inheritdoc/>
    protected override void Receive(object message)
    {
        switch (message)
        {
            case DiskFolderListed { Errno: 0, Names.Count: 0 }:
                OpenData();
                break;
            case DiskFolderListed listed:
                End(listed.Errno == 0 ? Errno.Exists : listed.Errno, $"{listed.Path} is there already");
                break;
            case DiskFileOpened opened:
                OnOpened(opened);
                break;
            case SidecarIo io:
                OnSidecarIo(io);
                break;
            case DiskOperation { Kind: DiskOperationKind.Sync } synced:
                OnDataSynced(synced);
                break;
            case DiskEntryMoved moved when moved.To == ReplicaPaths.Folder(identity.VolumeName):
                End(moved.Errno, $"{moved.From} cannot be moved to {moved.To}");
                break;
            case DiskEntryMoved moved:
                OnStagingCleared(moved);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OpenData() =>
        disk.Open(ReplicaPaths.Data(_staging), DiskOpenMode.New, identity.SizeBytes, Self);

    private void OnOpened(DiskFileOpened opened)
    {
        if (opened.Errno == Errno.Exists && !_stagingCleared)
        {
            // Left over by a creation that a crash cut short.
            DisposeDevices();
            ulong random = Context.System.Options.Ids.NextUInt64();
            disk.Move(_staging, ReplicaPaths.Trash($"new-{identity.ReplicaId:N}", random), Self);
        }
        else if (opened.Device is null)
        {
            End(opened.Errno, $"{opened.Path} cannot be made");
        }
        else if (_data is null)
        {
            _data = opened.Device;
            disk.Open(ReplicaPaths.Sidecar(_staging), DiskOpenMode.New, _state.Layout.FileBytes, Self);
        }
        else
        {
            _sidecar = opened.Device;
            _writer = new SidecarWriter(_state, _sidecar, Self);
            _state.MakePagesDirty();
            _writer.Start();
        }
    }

    private void OnStagingCleared(DiskEntryMoved moved)
    {
        _stagingCleared = true;
        if (moved.Errno != 0)
        {
            End(moved.Errno, $"{moved.From} is in the way and cannot be moved");
        }
        else
        {
            OpenData();
        }
    }

    private void OnSidecarIo(SidecarIo io)
    {
        if (!_writer!.Complete(io))
        {
            return;
        }

        if (_writer.Errno != 0)
        {
            End(_writer.Errno, "the new sidecar cannot be written");
        }
        else if (!_pagesWritten)
        {
            _pagesWritten = true;
            _state.Header = _state.Header with { Clean = 0 };
            _writer.Start();
        }
        else
        {
            _data!.Submit(new DiskOperation(DiskOperationKind.Sync, Self));
        }
    }

    private void OnDataSynced(DiskOperation synced)
    {
        if (synced.Errno != 0)
        {
            End(synced.Errno, "the new raw file cannot be synced");
            return;
        }

        DisposeDevices();
        disk.Move(_staging, ReplicaPaths.Folder(identity.VolumeName), Self);
    }

    private void End(int errno, string what)
    {
        ReplicaFailed? failure = null;
        if (errno != 0)
        {
            ReplicaRefusal refusal = errno is Errno.Exists or Errno.TryAgain
                ? ReplicaRefusal.Busy
                : ReplicaRefusal.DiskError;
            failure = new ReplicaFailed(0, refusal, errno, $"{what}: {Errno.Text(errno)}");
        }

        DisposeDevices();
        Context.Parent.Tell(new ReplicaCreateEnded(identity.VolumeName, failure), Self);
        Context.Stop(Self);
    }

    private void DisposeDevices()
    {
        _data?.Dispose();
        _sidecar?.Dispose();
        _data = null;
        _sidecar = null;
    }
}
