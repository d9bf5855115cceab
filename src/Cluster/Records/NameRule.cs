namespace Replication.Cluster.Records;

/// <summary>
/// What volumes and nodes may be called: 1 to 64 of a-z, 0-9, '.', '_' and '-', the first a letter or a
/// digit. Such a name is safe as a folder, in a key of the store and in an NBD address.
/// </summary>
public static class NameRule
{
    /// <summary>Why this is no name, or null if it is one.</summary>
    public static string? Error(string name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return "a name has at least one character";
        }

        if (name.Length > RecordLimits.NameLengthMax)
        {
            return $"a name has at most {RecordLimits.NameLengthMax} characters, this one has {name.Length}";
        }

        if (!char.IsAsciiLetterLower(name[0]) && !char.IsAsciiDigit(name[0]))
        {
            return $"a name starts with a-z or 0-9, '{name}' does not";
        }

        foreach (char character in name)
        {
            if (!char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character)
                && character is not ('.' or '_' or '-'))
            {
                return $"a name has only a-z, 0-9, '.', '_' and '-', '{name}' has another character";
            }
        }

        return null;
    }

    /// <summary>
    /// Why this is no node-name of a replica and no id of an export, or null if it is one: like a volume's
    /// name, and A-Z too.
    /// </summary>
    public static string? GivenError(string name)
    {
        if (name.Length is 0 or > RecordLimits.GivenNameLengthMax)
        {
            return $"has 1 to {RecordLimits.GivenNameLengthMax} characters, '{name}' has {name.Length}";
        }

        if (!char.IsAsciiLetterOrDigit(name[0]))
        {
            return $"starts with a letter or a digit, '{name}' does not";
        }

        return name.All(static character =>
            char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-')
            ? null
            : $"has only letters, digits, '.', '_' and '-', '{name}' has another character";
    }

    /// <summary>
    /// Why this is no owner's name, or null if it is one: 1 to 128 of printable ASCII, no blanks.
    /// </summary>
    public static string? OwnerError(string owner)
    {
        if (owner.Length is 0 or > RecordLimits.OwnerLengthMax)
        {
            return $"an owner's name has 1 to {RecordLimits.OwnerLengthMax} characters, "
                + $"this one has {owner.Length}";
        }

        return owner.AsSpan().IndexOfAnyExceptInRange('!', '~') is >= 0 and int index
            ? $"an owner's name is printable ASCII without blanks, U+{(int)owner[index]:X4} at {index} is not"
            : null;
    }
}
