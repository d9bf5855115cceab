namespace Replication.Host.Configuration.Hocon;

/// <summary>
/// A value as it was written, and where. What it means is up to the setting that it is for.
/// </summary>
public abstract class HoconValue(HoconPosition position)
{
    /// <summary>Where it begins.</summary>
    public HoconPosition Position { get; } = position;
}
