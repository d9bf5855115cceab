namespace Replication.Model.Steps;

/// <summary>What a search looks for, by the numbers of docs/protocol.md.</summary>
internal enum Invariant
{
    /// <summary>Everything holds.</summary>
    None = 0,

    /// <summary>
    /// A read is answered with a value that it must not return; that it went back (I7) is one case of it.
    /// </summary>
    I1 = 1,

    /// <summary>A child that counts lacks, on its disk, what was acknowledged and then flushed.</summary>
    I2 = 2,

    /// <summary>A child votes with a value that lacks an acknowledged write.</summary>
    I4 = 4,

    /// <summary>A rotten version is made the volume's without the right to.</summary>
    I5 = 5,

    /// <summary>Fewer than t children are left that count.</summary>
    I6 = 6,

    /// <summary>The volume cannot become whole again; looked for by a search of its own.</summary>
    I8 = 8,
}
