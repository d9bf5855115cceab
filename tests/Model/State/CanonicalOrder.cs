using System.Runtime.InteropServices;

namespace Replication.Model.State;

/// <summary>
/// Symmetry: children have no identity, so each state is kept with its children in the order of their bytes.
/// </summary>
internal static class CanonicalOrder
{
    /// <summary>
    /// Sorts the first <paramref name="count"/> children; <paramref name="names"/>, when not empty, are moved
    /// along.
    /// </summary>
    public static void Apply(ref World world, int count, Span<int> names)
    {
        for (var i = 1; i < count; i++)
        {
            for (var j = i; j > 0 && Compare(ref world, j - 1, j) > 0; j--)
            {
                (world.Children[j - 1], world.Children[j]) = (world.Children[j], world.Children[j - 1]);
                if (!names.IsEmpty)
                {
                    (names[j - 1], names[j]) = (names[j], names[j - 1]);
                }
            }
        }
    }

    private static int Compare(ref World world, int left, int right) =>
        Bytes(ref world.Children[left]).SequenceCompareTo(Bytes(ref world.Children[right]));

    private static ReadOnlySpan<byte> Bytes(ref Child child) =>
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref child, 1));
}
