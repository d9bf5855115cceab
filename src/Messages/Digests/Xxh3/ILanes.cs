namespace Replication.Messages.Digests.Xxh3;

/// <summary>
/// The eight 64-bit accumulators of a long input, in registers of one width. <see cref="LongInput"/> is
/// compiled once for each implementation, with every member inlined, so that the accumulators stay in
/// registers from the first stripe to the last. Every implementation gives the same hash.
/// </summary>
/// <remarks>
/// The references are to at least <see cref="LongInput.StripeBytes"/> readable bytes, of any alignment.
/// </remarks>
/// <typeparam name="TSelf">The implementation.</typeparam>
internal interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>
    /// Whether this processor has the instructions; calling the others without them throws.
    /// </summary>
    static abstract bool IsSupported { get; }

    /// <summary>The accumulators with their initial values.</summary>
    static abstract TSelf Create();

    /// <summary>
    /// The specification's <c>accumulate</c>: takes in one stripe with 64 bytes of the secret.
    /// </summary>
    void Accumulate(ref byte stripe, ref byte secret);

    /// <summary>The specification's <c>round_scramble</c>, with the last 64 bytes of the secret.</summary>
    void Scramble(ref byte secret);

    /// <summary>Copies the accumulators out, in order.</summary>
    void Store(Span<ulong> accumulators);
}
