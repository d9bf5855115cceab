using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.ReplicaNode.Replicas;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Storage;

/// <summary>
/// Opens one replica's files, reads its sidecar, mends what P5 says and ends. Steps: raw file, sidecar
/// file, a sync of it, both header slots, then hot marks and stamps in order of the file; and if anything was
/// damaged, what follows from it is made durable before anyone may write. For a <paramref name="removal"/> it
/// goes by the header alone, and mends nothing: one without a raw file ends with neither a replica nor a
/// failure, and a raw file without a header is not given away, for what it holds is not known.
/// </summary>
internal sealed class ReplicaLoader(IDisk disk, ReplicaIdentity identity, RemoveReplica? removal = null)
    : Actor
{
    private readonly string _folder = ReplicaPaths.Folder(identity.VolumeName);
    private readonly byte[][] _slots = [[], []];
    private IBlockDevice? _data;
    private IBlockDevice? _sidecar;
    private SidecarPages? _pages;
    private SidecarState? _state;
    private SidecarWriter? _writer;
    private int _slotsRead;
    private int _dataErrno;

    /// <inheritdoc/>
    protected override void PreStart() =>
        disk.Open(ReplicaPaths.Data(_folder), DiskOpenMode.Existing, identity.SizeBytes, Self);

    /// <inheritdoc/>
    protected override void PostStop() => DisposeDevices();

    /// <inheritdoc/>
    protected override void Receive(object message)
    {
        switch (message)
        {
            case DiskFileOpened opened:
                OnOpened(opened);
                break;
            case SidecarIo { Kind: DiskOperationKind.Sync } synced when _state is null:
                OnSynced(synced);
                break;
            case SidecarIo { Kind: DiskOperationKind.Read } read when _state is null:
                OnSlotRead(read);
                break;
            case SidecarIo { Kind: DiskOperationKind.Read } read:
                OnPagesRead(read);
                break;
            case SidecarIo io:
                OnMended(io);
                break;
            case DiskOperation { Kind: DiskOperationKind.Write } extended:
                OnExtended(extended);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnOpened(DiskFileOpened opened)
    {
        bool isData = opened.Path == ReplicaPaths.Data(_folder);
        if (removal is not null && isData && opened.Errno != Errno.TryAgain)
        {
            // Whose it is says the sidecar; where there is none it is not made.
            _data = opened.Device;
            _dataErrno = opened.Errno;
            OpenSidecar(DiskOpenMode.Existing);
        }
        else if (removal is not null && !isData && opened.Errno == Errno.NoEntry && HasData)
        {
            RefuseNameless();
        }
        else if (opened.Device is null)
        {
            ReplicaRefusal refusal = opened.Errno switch
            {
                Errno.NoEntry => ReplicaRefusal.UnknownVolume,
                Errno.TryAgain => ReplicaRefusal.Busy,
                _ => ReplicaRefusal.DiskError,
            };
            Refuse(refusal, opened.Errno, $"{opened.Path} cannot be opened: {Errno.Text(opened.Errno)}");
        }
        else if (isData)
        {
            _data = opened.Device;
            OpenSidecar(DiskOpenMode.Any);
        }
        else
        {
            // What an earlier process wrote and did not sync can be read and yet be lost with the power: an
            // epoch, or a mark, that counts as durable from here on must be.
            _sidecar = opened.Device;
            _sidecar.Submit(SidecarIo.Sync(Self));
        }
    }

    /// <summary>For a removal: a raw file is there, or may be.</summary>
    private bool HasData => _dataErrno != Errno.NoEntry;

    private void RefuseNameless() => Refuse(
        ReplicaRefusal.DiskError,
        Errno.InputOutput,
        $"the sidecar's header in {_folder} is lost: what the raw file holds is not known, so it stays (P5)");

    private void OpenSidecar(DiskOpenMode mode)
    {
        long lengthBytes = new SidecarLayout(identity.SizeBytes).FileBytes;
        disk.Open(ReplicaPaths.Sidecar(_folder), mode, lengthBytes, Self);
    }

    private void OnSynced(SidecarIo synced)
    {
        if (synced.Errno != 0)
        {
            int errno = synced.Errno;
            Refuse(ReplicaRefusal.DiskError, errno, $"the sidecar cannot be synced: {Errno.Text(errno)}");
            return;
        }

        ReadSlot();
    }

    private void ReadSlot()
    {
        long offset = SidecarLayout.HeaderOffset(_slotsRead);
        long there = Math.Min(SidecarLayout.HeaderSlotBytes, _sidecar!.LengthBytes - offset);
        if (there > 0)
        {
            _sidecar.Submit(SidecarIo.Read(Self, offset, (int)there));
        }
        else
        {
            OnSlotKnown();
        }
    }

    private void OnSlotRead(SidecarIo read)
    {
        // A slot that cannot be read is as bad as a torn one: the other may do.
        _slots[_slotsRead] = read.Errno == 0 ? read.Content.ToArray() : [];
        read.Release();
        OnSlotKnown();
    }

    private void OnSlotKnown()
    {
        if (++_slotsRead < SidecarLayout.HeaderSlotCount)
        {
            ReadSlot();
            return;
        }

        HeaderSlots slots = HeaderSlots.Read(_slots[0], _slots[1]);
        if (slots.UnknownVersion)
        {
            Refuse(
                ReplicaRefusal.DiskError,
                Errno.NotSupported,
                $"{_folder}/sidecar was written by a later version of this software and is left alone");
            return;
        }

        if (removal is not null && slots.Newest is null && HasData)
        {
            RefuseNameless();
            return;
        }

        SidecarHeader header = slots.Newest ?? SidecarHeader.For(identity);
        ReplicaFailed? problem = removal is null
            ? OpenCheck.IdentityProblem(tag: 0, identity, header)
            : OpenCheck.RemovalProblem(removal, header);
        if (problem is not null)
        {
            End(replica: null, problem);
            return;
        }

        _state = new SidecarState(header, slots.NextSlot);
        if (slots.Newest is null)
        {
            Warn("the sidecar's header is lost: clean is 0, and what this replica missed is unknown (P5)");
            _state.Header = header with { Incomplete = true };
        }

        if (removal is not null)
        {
            End(_data is null ? null : new LoadedReplica(_data, _sidecar!, _state), failure: null);
            return;
        }

        if (_data!.LengthBytes < header.SizeBytes)
        {
            Warn($"the raw file has {_data.LengthBytes} bytes of {header.SizeBytes}: clean is 0 (P5)");
            _state.Header = _state.Header with
            {
                Clean = 0,
                ClosedCleanly = false,
                ClosedContinuous = false,
                Incomplete = true,
            };
        }

        _pages = new SidecarPages(_state);
        ReadPages();
    }

    private void ReadPages()
    {
        while (_pages!.Next() is SidecarRun run)
        {
            long there = Math.Min(run.LengthBytes, _sidecar!.LengthBytes - run.OffsetBytes);
            if (there == run.LengthBytes)
            {
                _sidecar.Submit(SidecarIo.Read(Self, run.OffsetBytes, run.LengthBytes));
                return;
            }

            // Cut off: what is not there is as damaged as what is not readable.
            _pages.Load(run, content: []);
        }

        Mend();
    }

    private void OnPagesRead(SidecarIo read)
    {
        _pages!.LoadCurrent(read.Errno == 0 ? read.Content : []);
        read.Release();
        ReadPages();
    }

    /// <summary>
    /// The marks of zones whose stamps are lost have to be durable before their pages are rewritten (P5): the
    /// first round takes the marks and the header, the pages follow with the next flush.
    /// </summary>
    private void Mend()
    {
        if (_pages!.DamagedStampPages.Count + _pages.DamagedHotSectorCount > 0)
        {
            Warn($"{_pages.DamagedStampPages.Count} stamp pages and {_pages.DamagedHotSectorCount} sectors "
                + $"of hot marks are damaged: {_state!.Hot.Count} zones are hot (P5)");
        }

        _writer = new SidecarWriter(_state!, _sidecar!, Self);
        if (!_writer.Start())
        {
            Extend();
        }
    }

    private void OnMended(SidecarIo io)
    {
        if (!_writer!.Complete(io))
        {
            return;
        }

        if (_writer.Errno != 0)
        {
            int errno = _writer.Errno;
            Refuse(ReplicaRefusal.DiskError, errno, $"the sidecar cannot be mended: {Errno.Text(errno)}");
            return;
        }

        Extend();
    }

    /// <summary>
    /// A raw file that lost its tail gets it back, as zeroes, after clean 0 was made durable.
    /// </summary>
    private void Extend()
    {
        long sizeBytes = _state!.Header.SizeBytes;
        if (_data!.LengthBytes >= sizeBytes)
        {
            Finish();
            return;
        }

        _data.Submit(new DiskOperation(DiskOperationKind.Write, Self)
        {
            OffsetBytes = sizeBytes - 1,
            Buffer = new byte[1],
        });
    }

    private void OnExtended(DiskOperation extended)
    {
        if (extended.Errno != 0)
        {
            Refuse(
                ReplicaRefusal.DiskError,
                extended.Errno,
                $"the raw file cannot be made as long as the volume: {Errno.Text(extended.Errno)}");
            return;
        }

        Finish();
    }

    private void Finish()
    {
        _pages!.DamagedStampPages.ForEach(_state!.Stamps.Dirty.Add);
        End(new LoadedReplica(_data!, _sidecar!, _state), failure: null);
    }

    private void Refuse(ReplicaRefusal refusal, int errno, string reason) =>
        End(replica: null, new ReplicaFailed(0, refusal, errno, reason));

    private void End(LoadedReplica? replica, ReplicaFailed? failure)
    {
        if (replica is not null)
        {
            // The devices go with the message.
            _data = null;
            _sidecar = null;
        }

        DisposeDevices();
        Context.Parent.Tell(new ReplicaLoadEnded(identity.VolumeName, replica, failure), Self);
        Context.Stop(Self);
    }

    private void DisposeDevices()
    {
        _data?.Dispose();
        _sidecar?.Dispose();
    }

    private void Warn(string what) =>
        Context.System.Log.Warning(Self.Path.Elements, $"replica of {identity.VolumeName}: {what}");
}
