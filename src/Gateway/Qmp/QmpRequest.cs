using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Replication.Gateway.Qmp;

/// <summary>One request as it came: what it wants, or what is wrong with it.</summary>
/// <param name="Command">The command's name; null when the request is no good.</param>
/// <param name="Arguments">The arguments' object, or null.</param>
/// <param name="IdText">The id's JSON text, to be echoed as it is; null when none was given.</param>
/// <param name="Error">What is wrong; null when nothing is.</param>
internal sealed record QmpRequest(string? Command, JsonElement? Arguments, string? IdText, QmpError? Error)
{
    private static readonly JsonDocumentOptions Options = new()
    {
        MaxDepth = QmpFramer.DepthMax,
        AllowDuplicateProperties = false,
    };

    private static readonly SearchValues<byte> Letters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    /// <summary>Reads a request, with QEMU's checks in QEMU's order and words.</summary>
    public static QmpRequest Parse(byte[] text)
    {
        JsonElement root;
        try
        {
            using JsonDocument document = JsonDocument.Parse(QmpQuotes.ToDouble(text), Options);
            root = document.RootElement.Clone();
            RequireWholeCharacters(root);
        }
        catch (JsonException broken)
        {
            return Bad(id: null, $"JSON parse error, {Describe(text, broken)}");
        }
        catch (InvalidOperationException)
        {
            // The library's way to say that a text cannot be turned into a string.
            return Bad(id: null, "JSON parse error, invalid UTF-8 sequence in string");
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            return Bad(id: null, "QMP input must be a JSON object");
        }

        string? id = root.TryGetProperty("id", out JsonElement given) ? given.GetRawText() : null;
        return Check(root, id);
    }

    /// <summary>
    /// Throws for bytes that are no UTF-8 and for an escape such as \ud800 that is half a character: from
    /// here on every name and text can be read.
    /// </summary>
    private static void RequireWholeCharacters(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                _ = value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement element in value.EnumerateArray())
                {
                    RequireWholeCharacters(element);
                }

                break;
            case JsonValueKind.Object:
                foreach (JsonProperty member in value.EnumerateObject())
                {
                    _ = member.Name;
                    RequireWholeCharacters(member.Value);
                }

                break;
        }
    }

    private static QmpRequest Check(JsonElement root, string? id)
    {
        string? command = null;
        JsonElement? arguments = null;
        foreach (JsonProperty member in root.EnumerateObject())
        {
            switch (member.Name)
            {
                case "id":
                    break;
                case "execute" when member.Value.ValueKind != JsonValueKind.String:
                    return Bad(id, "QMP input member 'execute' must be a string");
                case "execute":
                    command = member.Value.GetString();
                    break;
                case "arguments" when member.Value.ValueKind != JsonValueKind.Object:
                    return Bad(id, "QMP input member 'arguments' must be an object");
                case "arguments":
                    arguments = member.Value;
                    break;
                default:
                    return Bad(id, $"QMP input member '{member.Name}' is unexpected");
            }
        }

        return command is null
            ? Bad(id, "QMP input lacks member 'execute'")
            : new QmpRequest(command, arguments, id, Error: null);
    }

    private static QmpRequest Bad(string? id, string desc) =>
        new(Command: null, Arguments: null, id, QmpError.Generic(desc));

    private static string Describe(byte[] text, JsonException broken)
    {
        if (text.AsSpan().IndexOfAnyExcept(Letters) < 0)
        {
            return $"invalid keyword '{Encoding.UTF8.GetString(text)}'";
        }

        // The library's sentence ends with places in lines that mean nothing in a stream.
        int details = broken.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return details < 0 ? broken.Message : broken.Message[..details];
    }
}
