namespace Replication.Cluster;

/// <summary>
/// What every implementation of <see cref="IClusterStore"/> takes. Keys are printable ASCII, so that ordinal
/// order of .NET strings and etcd's order of bytes are the same order.
/// </summary>
public static class StoreLimits
{
    /// <summary>The longest key, in bytes, which are its characters.</summary>
    public const int KeyLengthMaxBytes = 512;

    /// <summary>The longest value; etcd's default limit of a whole request is 1.5 MiB.</summary>
    public const int ValueLengthMaxBytes = 1024 * 1024;

    /// <summary>Why this is no key, or null if it is one: 1 to 512 characters from '!' to '~'.</summary>
    public static string? KeyError(string key)
    {
        if (string.IsNullOrEmpty(key))
        {
            return "a key has at least one character";
        }

        return key.Length > KeyLengthMaxBytes
            ? $"a key has at most {KeyLengthMaxBytes} characters, this one has {key.Length}"
            : CharacterError(key);
    }

    /// <summary>Throws <see cref="ArgumentException"/> for what is no key.</summary>
    public static void CheckKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (KeyError(key) is { } error)
        {
            throw new ArgumentException(error, nameof(key));
        }
    }

    /// <summary>
    /// Throws <see cref="ArgumentException"/> for what no key can start with; empty is fine.
    /// </summary>
    public static void CheckPrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (CharacterError(prefix) is { } error)
        {
            throw new ArgumentException(error, nameof(prefix));
        }
    }

    /// <summary>Throws for a bad key, a negative revision or a value that is too long.</summary>
    public static void CheckCompareAndSet(string key, long expectedRevision, ReadOnlyMemory<byte> value)
    {
        CheckKey(key);
        ArgumentOutOfRangeException.ThrowIfNegative(expectedRevision);
        if (value.Length > ValueLengthMaxBytes)
        {
            throw new ArgumentException(
                $"a value has at most {ValueLengthMaxBytes} bytes, this one has {value.Length}",
                nameof(value));
        }
    }

    /// <summary>Throws for a bad key, or a revision that no entry has.</summary>
    public static void CheckDelete(string key, long expectedRevision)
    {
        CheckKey(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(expectedRevision, 1);
    }

    private static string? CharacterError(string text)
    {
        for (int index = 0; index < text.Length; index++)
        {
            if (text[index] is < '!' or > '~')
            {
                return "a key has only characters from '!' to '~', "
                    + $"U+{(int)text[index]:X4} at {index} is none";
            }
        }

        return null;
    }
}
