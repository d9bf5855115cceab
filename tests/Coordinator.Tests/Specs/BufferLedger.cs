using System.Reflection;
using Replication.Actors.Buffers;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Knows every payload of a spec, to see in the end that each was released exactly once.</summary>
internal sealed class BufferLedger
{
    private static readonly FieldInfo ReferencesField =
        typeof(PooledBuffer).GetField("_references", BindingFlags.Instance | BindingFlags.NonPublic)!;

    private readonly HashSet<PooledBuffer> _known = new(ReferenceEqualityComparer.Instance);

    /// <summary>Buffers that somebody still holds.</summary>
    internal int HeldCount => _known.Count(static buffer => References(buffer) != 0);

    internal static int References(PooledBuffer buffer) => (int)ReferencesField.GetValue(buffer)!;

    internal PooledBuffer CopyOf(ReadOnlySpan<byte> content) => Watch(PooledBuffer.CopyOf(content));

    internal PooledBuffer Watch(PooledBuffer buffer)
    {
        _known.Add(buffer);
        return buffer;
    }
}
