using System.Text;
using System.Text.Json;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Commands;

/// <summary>
/// The commands of docs/qmp.md with their examples, and what the shape of a reply is there: three dots stand
/// for any value, or for any further members or elements.
/// </summary>
internal static class QmpDocument
{
    private const string Dots = "...";

    /// <summary>Left out where there is nothing to say.</summary>
    private static readonly string[] Sometimes =
        ["since", "reason", "last-lost-vote", "last-read-without-winner", "resync"];

    /// <summary>The commands that headings name.</summary>
    public static IReadOnlyList<string> Commands =>
        [.. Text().Split('\n').Where(line => line.StartsWith("### ", StringComparison.Ordinal))
            .SelectMany(line => line[4..].Split(", "))];

    /// <summary>The requests with their replies, in their order.</summary>
    public static IReadOnlyList<(string Request, JsonElement Reply)> Examples()
    {
        List<(string Sign, string Json)> parts = [];
        foreach (var line in Text().Split("```\n").Where((_, index) => index % 2 == 1)
            .Where(fence => fence.StartsWith("-> ", StringComparison.Ordinal))
            .SelectMany(fence => fence.Split('\n')))
        {
            if (line.StartsWith("-> ", StringComparison.Ordinal)
                || line.StartsWith("<- ", StringComparison.Ordinal))
            {
                parts.Add((line[..2], line[3..]));
            }
            else if (parts.Count > 0)
            {
                parts[^1] = (parts[^1].Sign, parts[^1].Json + line.Trim());
            }
        }

        Assert.All(parts, (part, index) => Assert.Equal(index % 2 == 0 ? "->" : "<-", part.Sign));
        return [.. parts.Chunk(2).Select(pair => (pair[0].Json, Parse(pair[1].Json)))];
    }

    /// <summary>Null where a reply has the shape of the document's; else where it has not.</summary>
    public static string? Difference(JsonElement documented, JsonElement real, string at = "reply") =>
        documented.ValueKind switch
        {
            JsonValueKind.String when documented.GetString() == Dots => null,
            JsonValueKind.Object when real.ValueKind == JsonValueKind.Object =>
                OfObject(documented, real, at),
            JsonValueKind.Array when real.ValueKind == JsonValueKind.Array => OfArray(documented, real, at),
            JsonValueKind.True or JsonValueKind.False
                when real.ValueKind is JsonValueKind.True or JsonValueKind.False => null,
            _ => documented.ValueKind == real.ValueKind
                ? null
                : $"{at} is {real.ValueKind}, not {documented.ValueKind}",
        };

    private static string? OfObject(JsonElement documented, JsonElement real, string at)
    {
        var known = documented.EnumerateObject().Select(member => member.Name).ToHashSet();
        var there = real.EnumerateObject().Select(member => member.Name).ToHashSet();
        var missing = known.Except(there).Except(Sometimes).Except([Dots]).ToArray();
        var more = known.Contains(Dots) ? [] : there.Except(known).Except(Sometimes).ToArray();
        if (missing.Length + more.Length > 0)
        {
            return $"{at} lacks '{string.Join(", ", missing)}' and has '{string.Join(", ", more)}' besides";
        }

        return documented.EnumerateObject()
            .Where(member => there.Contains(member.Name))
            .Select(member =>
                Difference(member.Value, real.GetProperty(member.Name), $"{at}.{member.Name}"))
            .FirstOrDefault(difference => difference is not null);
    }

    /// <summary>
    /// Each element that is shown is like a real one, and without dots each real one like one that is shown.
    /// </summary>
    private static string? OfArray(JsonElement documented, JsonElement real, string at)
    {
        var shown = documented.EnumerateArray()
            .Where(element => element.ValueKind != JsonValueKind.String || element.GetString() != Dots)
            .ToArray();
        var there = real.EnumerateArray().ToArray();
        foreach (var element in shown)
        {
            var differences = there.Select(one => Difference(element, one, $"{at}[]")).ToArray();
            if (there.Length > 0 && !differences.Contains(null))
            {
                return differences[0];
            }
        }

        return shown.Length < documented.GetArrayLength() || shown.Length == 0
            ? null
            : there.Where(one => shown.All(element => Difference(element, one) is not null))
                .Select(one => $"an element of {at} is like none that is shown: {one}")
                .FirstOrDefault();
    }

    /// <summary>JSON once three dots outside of texts have become a text or a member.</summary>
    private static JsonElement Parse(string json)
    {
        StringBuilder valid = new();
        Stack<char> open = new();
        var inText = false;
        for (var i = 0; i < json.Length; i++)
        {
            var dots = !inText && json[i] == '.' && json.AsSpan(i).StartsWith(Dots);
            if (dots)
            {
                valid.Append(open.Peek() == '{' && json[i - 1] != ':' ? "\"...\":0" : "\"...\"");
                i += Dots.Length - 1;
                continue;
            }

            inText ^= json[i] == '"' && json[i - 1] != '\\';
            if (!inText && json[i] is '{' or '[')
            {
                open.Push(json[i]);
            }
            else if (!inText && json[i] is '}' or ']')
            {
                open.Pop();
            }

            valid.Append(json[i]);
        }

        using var document = JsonDocument.Parse(valid.ToString());
        return document.RootElement.Clone();
    }

    private static string Text() => File.ReadAllText(Path.Combine(Executable.Repository, "docs", "qmp.md"));
}
