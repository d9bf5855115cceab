namespace Replication.Host.Nodes;

/// <summary>How the person who wished for a volume wrote the wish, for sentences about it.</summary>
/// <param name="Prefix">What stands in front of an option's name: <c>--</c>, or a section.</param>
/// <param name="Otherwise">What could be done other than leaving an option out.</param>
internal sealed record WishWords(string Prefix, string Otherwise)
{
    /// <summary>Of an option that says other than what is there.</summary>
    public string Contradicts(string volume, string option, string asked, string actual) =>
        $"{Prefix}{option} {asked} contradicts volume {volume}, which has {actual}: "
            + $"leave {Prefix}{option} out, or {Otherwise}";
}
