using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Replication.Messages.Digests;

/// <summary>
/// The digest of a run of bytes: what children vote with instead of the data. A value of 40 bytes without a
/// reference in it, so that copying, comparing and hashing it allocate nothing. <c>default</c> is the digest
/// of nothing at all: it has no kind, no bytes, and equals only itself.
/// </summary>
public readonly struct Digest : IEquatable<Digest>
{
    /// <summary>The length of the longest digest, for buffers that must hold any kind.</summary>
    public const int LengthMaxBytes = 32;

    // The canonical bytes as big-endian words, the first byte on top; words a kind does not fill are zero, so
    // that equality needs no length.
    private readonly ulong _word0;
    private readonly ulong _word1;
    private readonly ulong _word2;
    private readonly ulong _word3;

    private Digest(DigestKind kind, ulong word0, ulong word1, ulong word2, ulong word3)
    {
        Kind = kind;
        _word0 = word0;
        _word1 = word1;
        _word2 = word2;
        _word3 = word3;
    }

    /// <summary>What the digest was made with; zero in <c>default</c>.</summary>
    public DigestKind Kind { get; }

    /// <summary>The length of <see cref="WriteTo"/>'s output: 16 or 32; 0 in <c>default</c>.</summary>
    public int LengthBytes => Kind switch
    {
        DigestKind.Xxh128 => 16,
        DigestKind.Sha256 => 32,
        _ => 0,
    };

    /// <summary>
    /// True for the kinds this version computes; a kind read from a socket or a file is asked first.
    /// </summary>
    public static bool IsKnown(DigestKind kind) => kind is DigestKind.Xxh128 or DigestKind.Sha256;

    /// <summary>The length of a digest of <paramref name="kind"/>, in bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The kind is unknown.</exception>
    public static int LengthOf(DigestKind kind) => kind switch
    {
        DigestKind.Xxh128 => 16,
        DigestKind.Sha256 => 32,
        _ => throw Unknown(kind),
    };

    /// <summary>Digests <paramref name="data"/>, which may be empty. Allocates nothing; any thread.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The kind is unknown.</exception>
    public static Digest Compute(DigestKind kind, ReadOnlySpan<byte> data)
    {
        switch (kind)
        {
            case DigestKind.Xxh128:
                UInt128 hash = Xxh128.Hash(data);
                return new Digest(kind, (ulong)(hash >> 64), (ulong)hash, 0, 0);
            case DigestKind.Sha256:
                Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
                SHA256.HashData(data, bytes);
                return Read(kind, bytes);
            default:
                throw Unknown(kind);
        }
    }

    /// <summary>
    /// Takes a digest from its canonical bytes, as <see cref="WriteTo"/> wrote them. For bytes whose kind and
    /// length were checked before; <see cref="TryRead"/> is for those that were not.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The kind is unknown.</exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="bytes"/> is not exactly as long as the kind's digest.
    /// </exception>
    public static Digest Read(DigestKind kind, ReadOnlySpan<byte> bytes)
    {
        int lengthBytes = LengthOf(kind);
        if (bytes.Length != lengthBytes)
        {
            throw new ArgumentException(
                $"A {kind} digest is {lengthBytes} bytes long, not {bytes.Length}.", nameof(bytes));
        }

        bool isLong = lengthBytes == LengthMaxBytes;
        return new Digest(
            kind,
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            isLong ? BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]) : 0,
            isLong ? BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]) : 0);
    }

    /// <summary>
    /// Takes a digest from bytes that nobody has checked yet: false when the kind is unknown or the length is
    /// not exactly the kind's.
    /// </summary>
    public static bool TryRead(DigestKind kind, ReadOnlySpan<byte> bytes, out Digest digest)
    {
        bool isWhole = IsKnown(kind) && bytes.Length == LengthOf(kind);
        digest = isWhole ? Read(kind, bytes) : default;
        return isWhole;
    }

    public static bool operator ==(in Digest left, in Digest right) => left.Matches(in right);

    public static bool operator !=(in Digest left, in Digest right) => !left.Matches(in right);

    /// <summary>
    /// Writes the canonical bytes, in the order in which xxh128sum and sha256sum print them, and returns how
    /// many there are (<see cref="LengthBytes"/>). What lies behind them in <paramref name="destination"/> is
    /// left alone.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than that.</exception>
    public int WriteTo(Span<byte> destination)
    {
        int lengthBytes = LengthBytes;
        if (destination.Length < lengthBytes)
        {
            throw new ArgumentException(
                $"A {Kind} digest needs {lengthBytes} bytes, not {destination.Length}.", nameof(destination));
        }

        if (lengthBytes >= 16)
        {
            BinaryPrimitives.WriteUInt64BigEndian(destination, _word0);
            BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _word1);
        }

        if (lengthBytes == LengthMaxBytes)
        {
            BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _word2);
            BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _word3);
        }

        return lengthBytes;
    }

    /// <summary>Same kind and same bytes.</summary>
    public bool Equals(Digest other) => Matches(in other);

    public override bool Equals(object? obj) => obj is Digest other && Matches(in other);

    // Every bit of either kind is as well mixed as any other.
    public override int GetHashCode() => (int)_word1;

    /// <summary>
    /// Lower-case hexadecimal, as xxh128sum and sha256sum print it; empty for <c>default</c>.
    /// </summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[LengthMaxBytes];
        return Convert.ToHexStringLower(bytes[..WriteTo(bytes)]);
    }

    // One branch for the whole comparison: the words of honest children are nearly always equal, so leaving
    // early at the first difference gains nothing.
    private bool Matches(in Digest other) =>
        ((_word0 ^ other._word0) | (_word1 ^ other._word1) | (_word2 ^ other._word2) | (_word3 ^ other._word3)
            | (ulong)(Kind ^ other.Kind)) == 0;

    private static ArgumentOutOfRangeException Unknown(DigestKind kind) =>
        new(nameof(kind), ((byte)kind).ToString(CultureInfo.InvariantCulture),
            "The digest kind must be 1 (xxh128) or 2 (sha256).");
}
