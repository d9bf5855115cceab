namespace Replication.Host.Configuration.Hocon;

/// <summary>A list.</summary>
public sealed class HoconList(HoconPosition position, IReadOnlyList<HoconValue> items)
    : HoconValue(position)
{
    /// <summary>In their order.</summary>
    public IReadOnlyList<HoconValue> Items { get; } = items;
}
