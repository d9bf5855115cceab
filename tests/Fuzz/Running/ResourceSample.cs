namespace Replication.Fuzz.Running;

/// <summary>What a process holds at a moment.</summary>
/// <param name="MemoryMiB">Resident memory.</param>
/// <param name="Handles">Open file descriptors.</param>
/// <param name="Threads">Threads of the kernel's.</param>
internal readonly record struct ResourceSample(long MemoryMiB, int Handles, int Threads)
{
    public override string ToString() => $"{MemoryMiB} MiB, {Handles} handles, {Threads} threads";
}
