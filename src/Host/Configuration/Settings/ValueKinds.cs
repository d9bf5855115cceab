using System.Buffers;
using System.Globalization;
using Replication.Cluster.Records;
using Replication.Gateway.Listening;
using Replication.Host.Configuration.Hocon;
using Replication.Host.Options;

namespace Replication.Host.Configuration.Settings;

/// <summary>The kinds of values that settings have.</summary>
internal static class ValueKinds
{
    private const int SectorBytes = 512;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly TimeSpan[] ExampleTimes =
        [TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(20)];

    private static readonly (string Unit, double Milliseconds)[] TimeUnits =
    [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("min", 60_000), ("h", 3_600_000),
        ("milliseconds", 1), ("seconds", 1000), ("minutes", 60_000), ("hours", 3_600_000),
    ];

    /// <summary>on or off; true, false, yes and no will do, as in HOCON.</summary>
    public static ValueKind<bool> Switch { get; } = Text<bool>("on or off", static text => text switch
    {
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        _ => new Refusal<bool>($"'{text}' is neither"),
    });

    /// <summary>The name of a volume or node.</summary>
    public static ValueKind<string> Name { get; } = Text<string>(
        "a name of a-z, 0-9, '.', '_' and '-'",
        static text => NameRule.Error(text) is { } error ? new Refusal<string>(error) : text);

    /// <summary>A path; a relative one counts from the configuration's folder.</summary>
    public static ValueKind<string> Path { get; } = Text<string>(
        "a path", static text => text.Length == 0 ? new Refusal<string>("it is empty") : text);

    /// <summary>A list of names, of at least one.</summary>
    public static ValueKind<IReadOnlyList<string>> Names { get; } = List("[node1, node2]", Name);

    /// <summary>A volume's size.</summary>
    public static ValueKind<long> VolumeSize { get; } = Text<long>(
        $"a multiple of 512 bytes up to {ByteSize.Format(RecordLimits.SizeMaxBytes)}, such as 10 GiB",
        static text => !ByteSize.TryParse(WithoutBlanks(text), out long bytes, out string? error)
            ? new Refusal<long>(error)
            : bytes is <= 0 or > RecordLimits.SizeMaxBytes || bytes % SectorBytes != 0
                ? new Refusal<long>($"{text} is no volume's size")
                : bytes);

    /// <summary>Whole numbers.</summary>
    public static ValueKind<int> Integer(int min, int max) => Text<int>(
        string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"),
        text => !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long n)
            ? new Refusal<int>($"'{text}' is no whole number")
            : n < min || n > max ? new Refusal<int>($"{text} is out of range") : (int)n);

    /// <summary>A part of a whole.</summary>
    public static ValueKind<double> Ratio { get; } = Text<double>(
        "a number from 0 to 1, such as 0.01",
        static text => double.TryParse(
            text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double ratio)
            && ratio <= 1
                ? ratio
                : new Refusal<double>($"'{text}' is none"));

    /// <summary>Times, each with its unit.</summary>
    public static ValueKind<TimeSpan> Duration(TimeSpan min, TimeSpan max) => Text<TimeSpan>(
        $"a time from {InWords(min)} to {InWords(max)}, such as "
            + string.Join(" or ", ExampleTimes.Where(time => time >= min && time <= max).Select(InWords)),
        text => ReadTime(text) is not { } time
            ? new Refusal<TimeSpan>($"'{text}' is no number with a unit (ms, s, m, h)")
            : time < min || time > max ? new Refusal<TimeSpan>($"{text} is out of range") : time);

    /// <summary>Amounts of bytes.</summary>
    public static ValueKind<long> Size(long min, long max) => Text<long>(
        $"a size from {ByteSize.Format(min)} to {ByteSize.Format(max)}, such as 128 MiB",
        text => !ByteSize.TryParse(WithoutBlanks(text), out long bytes, out string? error)
            ? new Refusal<long>(error)
            : bytes < min || bytes > max ? new Refusal<long>($"{text} is out of range") : bytes);

    /// <summary>One of an enum's words.</summary>
    public static ValueKind<T> Word<T>()
        where T : struct, Enum => Text<T>(
        OneOf([.. Enum.GetValues<T>().Select(EnumWords<T>.Of)]),
        static text => EnumWords<T>.TryParse(text, out T value)
            ? value
            : new Refusal<T>($"it cannot be '{text}'"));

    /// <summary>A list of an enum's words, of at least one.</summary>
    public static ValueKind<IReadOnlyList<T>> Words<T>(string example)
        where T : struct, Enum => List(example, Word<T>());

    /// <summary>Where a door is: HOST:PORT on a loopback address, or unix:PATH.</summary>
    public static ValueKind<string> Door { get; } = Text<string>(
        "\"HOST:PORT\" on a loopback address, or \"unix:PATH\",",
        static text => OptionParsers.TryParseAddress(text, out ListenAddress? _, out string? error)
            ? text
            : new Refusal<string>(error));

    /// <summary>Where HTTP is: HOST:PORT on a loopback address, or off.</summary>
    public static ValueKind<HttpChoice> Http { get; } = Text<HttpChoice>(
        "\"HOST:PORT\" on a loopback address, or off,",
        static text => HttpChoice.TryParse(text, out HttpChoice choice, out string? error)
            ? choice
            : new Refusal<HttpChoice>(error));

    /// <summary>Another service's address: a URI of http or https; null for off.</summary>
    public static ValueKind<Uri?> HttpUri { get; } = Text<Uri?>(
        "\"http://HOST:PORT\", or off,",
        static text => text == HttpChoice.OffWord ? new Reading<Uri?>(value: null, error: null)
            : Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
                && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
                    ? uri
                    : new Refusal<Uri?>($"'{text}' is no URI of http or https"));

    /// <summary>Headers as OpenTelemetry writes them: <c>NAME=VALUE,NAME=VALUE</c>.</summary>
    public static ValueKind<string> HttpHeaders { get; } = Text<string>(
        "\"NAME=VALUE,NAME=VALUE\"",
        static text => text.Length == 0
            || text.Split(',').All(static pair => pair.IndexOf('=', StringComparison.Ordinal) > 0)
                ? text
                : new Refusal<string>("there is a part without NAME="));

    /// <summary>Where a node answers the others.</summary>
    public static ValueKind<string> NodeAddress { get; } = Text<string>(
        "\"tcp:127.0.0.1:PORT\" or \"unix:PATH\"",
        static text => text.StartsWith("unix:", StringComparison.Ordinal) && text.Length > "unix:".Length
            ? text
            : !text.StartsWith("tcp:", StringComparison.Ordinal)
                ? new Refusal<string>($"'{text}' is no address of a node")
                : OptionParsers.TryParseAddress(text["tcp:".Length..], out _, out string? error)
                    ? text
                    : new Refusal<string>(error));

    /// <summary>Any text.</summary>
    public static ValueKind<T> Text<T>(string inWords, Func<string, Reading<T>> read) =>
        new(inWords, value => value switch
        {
            HoconText text => read(text.Text),
            HoconList => new Refusal<T>("this is a list"),
            _ => new Refusal<T>("this is a section"),
        });

    private static ValueKind<IReadOnlyList<T>> List<T>(string example, ValueKind<T> kind) =>
        new($"a list such as {example}", value => ReadList(value, kind));

    private static Reading<IReadOnlyList<T>> ReadList<T>(HoconValue value, ValueKind<T> kind)
    {
        if (value is not HoconList list)
        {
            return new Refusal<IReadOnlyList<T>>("this is no list");
        }

        List<T> items = [];
        foreach (Reading<T> reading in list.Items.Select(kind.Read))
        {
            if (reading.Error is not null)
            {
                return new Refusal<IReadOnlyList<T>>(reading.Error);
            }

            items.Add(reading.Value!);
        }

        return items.Count == 0 ? new Refusal<IReadOnlyList<T>>("the list is empty")
            : items.Distinct().Count() < items.Count
                ? new Refusal<IReadOnlyList<T>>("something is in the list twice")
            : new Reading<IReadOnlyList<T>>(items, error: null);
    }

    private static TimeSpan? ReadTime(string text)
    {
        int letters = text.AsSpan().IndexOfAnyExcept(NumberCharacters);
        if (letters <= 0 || !decimal.TryParse(
            text.AsSpan(0, letters),
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out decimal number))
        {
            return null;
        }

        string unit = text[letters..].Trim();
        foreach ((string name, double milliseconds) in TimeUnits)
        {
            double total = (double)number * milliseconds;
            if (name == unit && total < TimeSpan.MaxValue.TotalMilliseconds / 2)
            {
                return TimeSpan.FromMilliseconds(total);
            }
        }

        return null;
    }

    private static string OneOf(string[] words) =>
        words.Length < 2 ? string.Concat(words) : $"{string.Join(", ", words[..^1])} or {words[^1]}";

    private static string InWords(TimeSpan time) => time.TotalMilliseconds % 1000 == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds} s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds} ms");

    private static string WithoutBlanks(string text) => text.Replace(" ", "", StringComparison.Ordinal);
}
