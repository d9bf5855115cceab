namespace Replication.Fuzz.Conversations;

/// <summary>How a client takes what the server sends.</summary>
internal enum Reading
{
    /// <summary>All, as it comes.</summary>
    Eager,

    /// <summary>A little at a time, with pauses.</summary>
    Slow,

    /// <summary>Nothing until it has sent everything and waited a while.</summary>
    Late,

    /// <summary>Nothing at all.</summary>
    Never,
}

/// <summary>How a client leaves.</summary>
internal enum Ending
{
    /// <summary>It sends no more, and reads to the end.</summary>
    Shutdown,

    /// <summary>The socket is closed with whatever is unread: the server sees a reset or an end.</summary>
    Close,

    /// <summary>It waits for some time with the connection open, then closes.</summary>
    Linger,
}

/// <summary>One conversation and how it is held; the same seed and number make the same case.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Bytes">What the client sends.</param>
/// <param name="Pieces">Where the sends are cut: offsets, ascending; empty for one send.</param>
/// <param name="PauseMs">The wait before a piece, now and then; 0 for none.</param>
/// <param name="Reading">How the client reads.</param>
/// <param name="Ending">How it leaves.</param>
/// <param name="HoldMs">For late and never, and lingering: how long.</param>
/// <param name="Changes">What was done to a valid conversation, in words.</param>
internal sealed record FuzzCase(
    int Number,
    byte[] Bytes,
    IReadOnlyList<int> Pieces,
    int PauseMs,
    Reading Reading,
    Ending Ending,
    int HoldMs,
    IReadOnlyList<string> Changes)
{
    public override string ToString() =>
        $"case {Number}: {Bytes.Length} bytes in {Pieces.Count + 1} pieces, reads {Reading}, ends {Ending}; "
            + (Changes.Count == 0 ? "valid" : string.Join(", ", Changes));
}
