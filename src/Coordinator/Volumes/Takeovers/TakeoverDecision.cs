using Replication.Cluster.Records;

namespace Replication.Coordinator.Volumes.Takeovers;

/// <summary>How a takeover goes on, by what is known of the children (P10, P12).</summary>
public abstract record TakeoverDecision
{
    private TakeoverDecision()
    {
    }

    /// <summary>Children may still answer: more of them is better than fewer.</summary>
    public sealed record Wait : TakeoverDecision;

    /// <summary>Those that answered are too few; nothing is recorded until more do.</summary>
    /// <param name="Open">Children that count and are open.</param>
    /// <param name="Of">Children that would count.</param>
    /// <param name="Needed">How many have to be open.</param>
    public sealed record TooFew(int Open, int Of, int Needed) : TakeoverDecision;

    /// <summary>P12 (a): enough continuous children; the changes are recorded, then they serve.</summary>
    public sealed record Serve(IReadOnlyList<ChildStateChange> Changes) : TakeoverDecision;

    /// <summary>
    /// P12 (b): too few continuous children to serve; the changes are recorded, then the others are copied to
    /// from them.
    /// </summary>
    public sealed record Recover(IReadOnlyList<ChildStateChange> Changes) : TakeoverDecision;

    /// <summary>
    /// P12 (c): no continuous child; those that have every flushed write go on together.
    /// </summary>
    public sealed record StartOver(IReadOnlyList<ChildStateChange> Changes) : TakeoverDecision;
}
