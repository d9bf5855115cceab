using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Replication.Cluster.Records;
using Replication.Gateway.Listening;
using Replication.Host.Configuration;

namespace Replication.Host.Options;

/// <summary>
/// Readers of option values: each adds a sentence that says what was wrong and what would be right.
/// </summary>
internal static class OptionParsers
{
    private const int SectorBytes = 512;
    private const string UnixPrefix = "unix:";

    /// <summary>A volume's size.</summary>
    public static long? VolumeSize(ArgumentResult result)
    {
        if (!ByteSize.TryParse(Text(result), out long bytes, out string? error))
        {
            return Refuse<long?>(result, error);
        }

        if (bytes is <= 0 or > RecordLimits.SizeMaxBytes)
        {
            return Refuse<long?>(result, $"a volume has at least 512 bytes and at most "
                + $"{ByteSize.Format(RecordLimits.SizeMaxBytes)}, not {Text(result)}");
        }

        if (bytes % SectorBytes != 0)
        {
            return Refuse<long?>(result, char.IsAsciiDigit(Text(result)[^1])
                ? $"{bytes} is not a multiple of {SectorBytes}"
                : $"{Text(result)} is {bytes} bytes, which is not a multiple of {SectorBytes}");
        }

        return bytes;
    }

    /// <summary>A reader of whole numbers between bounds.</summary>
    public static Func<ArgumentResult, int?> Integer(int min, int max) => result =>
        int.TryParse(Text(result), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number >= min && number <= max
            ? number
            : Refuse<int?>(result, $"'{Text(result)}' is not a whole number from {min} to {max}");

    /// <summary>on or off.</summary>
    public static OnOff? Switch(ArgumentResult result) => Text(result) switch
    {
        "on" => OnOff.On,
        "off" => OnOff.Off,
        _ => Refuse<OnOff?>(result, $"it is on or off, not '{Text(result)}'"),
    };

    /// <summary>One of an enum's words.</summary>
    public static T? Word<T>(ArgumentResult result)
        where T : struct, Enum => EnumWords<T>.TryParse(Text(result), out T value)
        ? value
        : Refuse<T?>(
            result,
            $"it is {EnumWords<T>.List.Replace(", ", " or ", StringComparison.Ordinal)}, "
                + $"not '{Text(result)}'");

    /// <summary>A volume's name.</summary>
    public static string? Name(ArgumentResult result) =>
        NameRule.Error(Text(result)) is { } error ? Refuse<string?>(result, error) : Text(result);

    /// <summary>
    /// Names of nodes, parted by commas, such as <c>node1,node2</c>; those of a repeated option add up.
    /// </summary>
    public static string[]? Names(ArgumentResult result)
    {
        string[] names = [.. result.Tokens.SelectMany(static token => token.Value.Split(','))];
        foreach (string name in names)
        {
            if (NameRule.Error(name) is { } error)
            {
                return Refuse<string[]?>(
                    result, names.Length == 1 ? error : $"{error}; names are parted by commas alone");
            }
        }

        return names.GroupBy(static name => name).FirstOrDefault(static same => same.Count() > 1) is { } twice
            ? Refuse<string[]?>(result, $"{twice.Key} is named twice, and a node has one replica of a volume")
            : names;
    }

    /// <summary>A word that the service judges; it is not empty, and no option.</summary>
    public static string? Plain(ArgumentResult result) =>
        Text(result).Length == 0 ? Refuse<string?>(result, "it is empty")
        : Text(result)[0] == '-' ? Refuse<string?>(result, $"'{Text(result)}' begins as an option does")
        : Text(result);

    /// <summary>A QMP request as text; a bare command is not one, and is said as it would be.</summary>
    public static string? QmpRequest(ArgumentResult result) =>
        Text(result) is { Length: > 0 } word && char.IsAsciiLetter(word[0])
            && word.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')
            ? Refuse<string?>(
                result, $"'{word}' is no JSON: \"{{'execute':'{word}'}}\" would be right")
            : Plain(result);

    /// <summary>A folder.</summary>
    public static string? Folder(ArgumentResult result) =>
        Text(result).Length == 0 ? Refuse<string?>(result, "a folder has a name") : Text(result);

    /// <summary>A file.</summary>
    public static string? File(ArgumentResult result) =>
        Text(result).Length == 0 ? Refuse<string?>(result, "a file has a name") : Text(result);

    /// <summary>Where a door is.</summary>
    public static ListenAddress? Address(ArgumentResult result) =>
        TryParseAddress(Text(result), out ListenAddress? address, out string? error)
            ? address
            : Refuse<ListenAddress?>(result, error);

    /// <summary>Where HTTP is, or off.</summary>
    public static HttpChoice? Http(ArgumentResult result) =>
        HttpChoice.TryParse(Text(result), out HttpChoice choice, out string? error)
            ? choice
            : Refuse<HttpChoice?>(result, error);

    /// <summary>
    /// Reads <c>unix:PATH</c>, <c>HOST:PORT</c>, or a path that is known as one by a slash.
    /// </summary>
    public static bool TryParseAddress(
        string text, [NotNullWhen(true)] out ListenAddress? address, [NotNullWhen(false)] out string? error)
    {
        bool isBarePath = text.Contains('/') && !text.StartsWith(UnixPrefix, StringComparison.Ordinal);
        try
        {
            address = ListenAddress.Parse(isBarePath ? UnixPrefix + text : text);
            error = null;
            return true;
        }
        catch (ListenException refused)
        {
            address = null;
            error = refused.Message;
            return false;
        }
    }

    private static string Text(ArgumentResult result) =>
        result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;

    private static T? Refuse<T>(ArgumentResult result, string why)
    {
        string option = result.Parent is OptionResult parent ? parent.Option.Name : result.Argument.Name;
        result.AddError($"{option}: {why}");
        return default;
    }
}
