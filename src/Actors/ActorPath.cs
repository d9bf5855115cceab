namespace Replication.Actors;

/// <summary>
/// A place in the tree of actors of one system, such as <c>replication://node1/user/storage</c>. Equal paths
/// name the same place, not the same life: a ref also knows which life it means.
/// </summary>
public sealed class ActorPath : IEquatable<ActorPath>
{
    private readonly string _address;

    /// <param name="address">The system's name, and for remote actors its transport address.</param>
    /// <param name="elements">Slash-separated names from the root, without a leading slash, such as
    /// <c>user/storage</c>.</param>
    public ActorPath(string address, string elements)
    {
        _address = address;
        Elements = elements;
    }

    /// <summary>The names from the root, without the address, such as <c>user/storage</c>.</summary>
    public string Elements { get; }

    /// <summary>
    /// Throws for a name that would not be one element of a path, or could meet an anonymous one.
    /// </summary>
    internal static void CheckName(string? name)
    {
        if (name is not null && (name.Length == 0 || name[0] == '$' || name.Contains('/')))
        {
            throw new ArgumentException(
                $"'{name}' is no actor's name: not empty, no '/', no '$' in front", nameof(name));
        }
    }

    /// <inheritdoc/>
    public bool Equals(ActorPath? other) =>
        other is not null && string.Equals(_address, other._address, StringComparison.Ordinal)
        && string.Equals(Elements, other.Elements, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ActorPath);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Elements);

    /// <inheritdoc/>
    public override string ToString() => $"replication://{_address}/{Elements}";
}
