namespace Replication.Model.Steps;

/// <summary>
/// The rules of docs/protocol.md that can be taken out one at a time: <c>Rules.All with { P13 = false }</c>.
/// What the model does without one is said with each.
/// </summary>
internal readonly record struct Rules()
{
    /// <summary>Every rule in.</summary>
    public static Rules All => new();

    /// <summary>Without: a change of the record whose outcome is unknown counts as not made.</summary>
    public bool P3 { get; init; } = true;

    /// <summary>Without: a copy by resync leaves the target's stamps alone.</summary>
    public bool P6 { get; init; } = true;

    /// <summary>Without: the hot mark becomes durable with the next sync, not before the write.</summary>
    public bool P7 { get; init; } = true;

    /// <summary>
    /// Without: a resynced child clears a mark of an earlier incarnation before all is copied.
    /// </summary>
    public bool P7Inherited { get; init; } = true;

    /// <summary>Without: a Lapsed child clears the marks of what is copied to it.</summary>
    public bool P7Lapsed { get; init; } = true;

    /// <summary>Without: a replica that started anew goes on with the session that it had.</summary>
    public bool P8 { get; init; } = true;

    /// <summary>Without: an open makes the child continuous.</summary>
    public bool P9Open { get; init; } = true;

    /// <summary>Without: an open does not wait for the I/O of earlier sessions.</summary>
    public bool P9Wait { get; init; } = true;

    /// <summary>Without: children become continuous before everything is reconciled.</summary>
    public bool P9Settled { get; init; } = true;

    /// <summary>Without: a takeover goes on before those that did not open are recorded Stale.</summary>
    public bool P10 { get; init; } = true;

    /// <summary>Without: a child that lost its incarnation stays Synced and is opened again.</summary>
    public bool P12Lost { get; init; } = true;

    /// <summary>Without: a child that lost its incarnation is recorded Stale, whatever is left.</summary>
    public bool P12Count { get; init; } = true;

    /// <summary>Without: a continuous child's version has no more weight than a lost one's.</summary>
    public bool P12Continuous { get; init; } = true;

    /// <summary>
    /// Without: a volume that is suspended keeps its sessions, with what is under way in them.
    /// </summary>
    public bool P12Sessions { get; init; } = true;

    /// <summary>Without: children are still Lapsed when the volume serves again.</summary>
    public bool P12Resumed { get; init; } = true;

    /// <summary>Without: a child stays in its session when a request to it timed out.</summary>
    public bool P13 { get; init; } = true;

    /// <summary>Without: t answers suffice for a read.</summary>
    public bool P14 { get; init; } = true;

    /// <summary>Without: a write is acknowledged as soon as t children have it.</summary>
    public bool P15 { get; init; } = true;

    /// <summary>Without: the checkpoint is the last stamp given.</summary>
    public bool P16 { get; init; } = true;

    /// <summary>Without: low-water mark and checkpoint rise while the volume recovers.</summary>
    public bool P16Recovering { get; init; } = true;

    /// <summary>Without: a hot zone is reconciled even where continuous children answered.</summary>
    public bool P17 { get; init; } = true;

    /// <summary>Without: what is to be reconciled is read before it is.</summary>
    public bool P17Read { get; init; } = true;

    /// <summary>Without: what reconcile writes has no stamp.</summary>
    public bool P18 { get; init; } = true;

    /// <summary>Without: losers are rewritten with any version that won.</summary>
    public bool P19 { get; init; } = true;

    /// <summary>Without: what was copied counts in the next session too.</summary>
    public bool P20Copied { get; init; } = true;

    /// <summary>Without: writes under way when a child joins are not among what it has to copy.</summary>
    public bool P20Joined { get; init; } = true;

    /// <summary>Without: clean rises while the child is resynced.</summary>
    public bool P20Clean { get; init; } = true;

    /// <summary>Without: a child is promoted while writes are under way.</summary>
    public bool P21Drained { get; init; } = true;

    /// <summary>Without: a child is promoted while something is to be reconciled.</summary>
    public bool P21Reconciled { get; init; } = true;

    /// <summary>Without: a child is promoted before it is flushed.</summary>
    public bool P21Flushed { get; init; } = true;
}
