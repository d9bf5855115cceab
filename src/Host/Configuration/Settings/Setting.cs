using Replication.Host.Configuration.Hocon;

namespace Replication.Host.Configuration.Settings;

/// <summary>One setting of a configuration.</summary>
/// <param name="path">Its dotted name, below the section of its table.</param>
internal abstract class Setting<TRoot>(string path)
{
    /// <summary>Its dotted name.</summary>
    public string Path { get; } = path;

    /// <summary>The configuration with this value.</summary>
    /// <exception cref="ConfigurationException">The value is of another kind or out of range.</exception>
    public abstract TRoot Apply(TRoot root, string fullPath, HoconValue value);

    /// <summary>The same setting as one of something that holds <typeparamref name="TRoot"/>.</summary>
    public Setting<TOuter> In<TOuter>(
        string section, Func<TOuter, TRoot> get, Func<TOuter, TRoot, TOuter> set) =>
        new Nested<TOuter>($"{section}.{Path}", this, get, set);

    private sealed class Nested<TOuter>(
        string path, Setting<TRoot> inner, Func<TOuter, TRoot> get, Func<TOuter, TRoot, TOuter> set)
        : Setting<TOuter>(path)
    {
        public override TOuter Apply(TOuter root, string fullPath, HoconValue value) =>
            set(root, inner.Apply(get(root), fullPath, value));
    }
}

/// <summary>A setting of one kind of value.</summary>
/// <param name="path">See <see cref="Setting{TRoot}"/>.</param>
/// <param name="kind">Its values.</param>
/// <param name="set">Gives the configuration with a value.</param>
internal sealed class Setting<TRoot, T>(string path, ValueKind<T> kind, Func<TRoot, T, TRoot> set)
    : Setting<TRoot>(path)
{
    /// <inheritdoc/>
    public override TRoot Apply(TRoot root, string fullPath, HoconValue value) =>
        set(root, kind.Of(fullPath, value));
}
