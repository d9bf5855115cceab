using Replication.Host.Configuration.Hocon;

namespace Replication.Host.Configuration.Settings;

/// <summary>What the values of a setting are, and how one is read.</summary>
/// <param name="InWords">What would be right, for whoever wrote something else.</param>
/// <param name="Read">The value, or half a sentence that says what is wrong with it.</param>
internal sealed record ValueKind<T>(string InWords, Func<HoconValue, Reading<T>> Read)
{
    /// <summary>The value.</summary>
    /// <exception cref="ConfigurationException">It is another kind of value.</exception>
    public T Of(string path, HoconValue value)
    {
        Reading<T> reading = Read(value);
        return reading.Error is null
            ? reading.Value!
            : throw new ConfigurationException(
                value.Position, $"{path}: {reading.Error}; {InWords} would be right");
    }
}
