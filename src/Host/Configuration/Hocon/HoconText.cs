namespace Replication.Host.Configuration.Hocon;

/// <summary>A text: quoted, or a word, a number, a duration, a size.</summary>
public sealed class HoconText(HoconPosition position, string text) : HoconValue(position)
{
    /// <summary>The text, its quotes and escapes taken off.</summary>
    public string Text { get; } = text;
}
