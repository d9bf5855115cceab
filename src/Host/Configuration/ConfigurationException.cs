using Replication.Host.Configuration.Hocon;

namespace Replication.Host.Configuration;

/// <summary>
/// The configuration is wrong: where, what is there, and what would be right, in one sentence.
/// </summary>
public sealed class ConfigurationException : Exception
{
    /// <param name="position">Where.</param>
    /// <param name="sentence">What, without the place.</param>
    public ConfigurationException(HoconPosition position, string sentence)
        : base($"{position}: {sentence}")
    {
        Position = position;
        Sentence = sentence;
    }

    /// <summary>Where it is wrong.</summary>
    public HoconPosition Position { get; }

    /// <summary>What is wrong, without the place.</summary>
    public string Sentence { get; }
}
