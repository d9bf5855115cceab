namespace Replication.Host.Output;

/// <summary>One thing that is to be said of a volume or a child.</summary>
/// <param name="Subject">Whom it is about: <c>VOLUME</c> or <c>VOLUME/children.N</c>.</param>
/// <param name="Topic">What it is about: at most one sentence of a subject has it.</param>
/// <param name="Text">The sentence, or several.</param>
internal sealed record Sentence(string Subject, string Topic, string Text)
{
    /// <summary>What is to be said once it is over; null: nothing.</summary>
    public string? WhenOver { get; init; }

    /// <summary>True for what changes all the time and is told now and then only.</summary>
    public bool IsProgress { get; init; }
}
