namespace Replication.Host.Configuration.Settings;

/// <summary>What came of reading a text: a value, or half a sentence about what is wrong.</summary>
internal sealed class Reading<T>
{
    /// <param name="value">The value.</param>
    /// <param name="error">What is wrong with it; null when nothing is.</param>
    public Reading(T? value, string? error) => (Value, Error) = (value, error);

    /// <summary>The value; meaningless with an error.</summary>
    public T? Value { get; }

    /// <summary>What is wrong; null when nothing is.</summary>
    public string? Error { get; }

    /// <summary>A value that was read.</summary>
    public static implicit operator Reading<T>(T value) => new(value, error: null);

    /// <summary>What is wrong.</summary>
    public static implicit operator Reading<T>(Refusal<T> refusal) => new(default, refusal.Error);
}

/// <summary>What is wrong with a text, for one kind of value.</summary>
internal sealed record Refusal<T>(string Error);
