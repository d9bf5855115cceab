using Replication.Actors.Disk;

namespace Replication.ReplicaNode.Disk;

/// <summary>One entry of a lane: an operation on a device, or (for what is rare) any call.</summary>
internal readonly record struct DiskWork(FileDevice? Device, DiskOperation? Operation, Action? Call)
{
    internal void Run()
    {
        if (Device is not null)
        {
            Device.Execute(Operation!);
        }
        else
        {
            Call!();
        }
    }
}
