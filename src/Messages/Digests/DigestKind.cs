namespace Replication.Messages.Digests;

/// <summary>
/// What a digest is made with. The numbers travel on the wire and on disk: they never change and zero is no
/// kind.
/// </summary>
public enum DigestKind : byte
{
    /// <summary>
    /// XXH3 of 128 bits, seed 0: finds accidental corruption, forged by anyone who tries. 16 bytes.
    /// </summary>
    Xxh128 = 1,

    /// <summary>SHA-256, for replica hosts that are not trusted. 32 bytes.</summary>
    Sha256 = 2,
}
