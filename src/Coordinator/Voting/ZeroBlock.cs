using Replication.Messages;
using Replication.Messages.Digests;

namespace Replication.Coordinator.Voting;

/// <summary>
/// Knows the digest of a block of zeroes: what has it needs no bytes to be copied, and stays sparse.
/// </summary>
internal static class ZeroBlock
{
    private static readonly byte[] Zeroes = new byte[RequestLimits.BlockLengthBytes];

    private static readonly Dictionary<DigestKind, Digest> Whole =
        Enum.GetValues<DigestKind>().ToDictionary(kind => kind, kind => Digest.Compute(kind, Zeroes));

    /// <summary>The digest of this many zero bytes, at most one block.</summary>
    internal static Digest DigestOf(DigestKind kind, int lengthBytes) =>
        lengthBytes == Zeroes.Length ? Whole[kind] : Digest.Compute(kind, Zeroes.AsSpan(0, lengthBytes));
}
