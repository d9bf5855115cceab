using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Replication.Gateway.Qmp;

/// <summary>The lines that a server sends, each ended by CRLF.</summary>
internal static class QmpLines
{
    private static readonly JsonWriterOptions Options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The first line of a session.</summary>
    public static byte[] Greeting() => Line(static json => new JsonObject
    {
        ["QMP"] = new JsonObject { ["version"] = QmpVersion.Describe(), ["capabilities"] = new JsonArray() },
    }.WriteTo(json));

    /// <summary>The answer to a request, with its id as it came.</summary>
    public static byte[] Reply(QmpResult result, string? idText) => Line(json =>
    {
        json.WriteStartObject();
        if (result.Error is { } error)
        {
            json.WriteStartObject("error");
            json.WriteString("class", error.Class);
            json.WriteString("desc", error.Desc);
            json.WriteEndObject();
        }
        else
        {
            json.WritePropertyName("return");
            result.WriteReturn!(json);
        }

        if (idText is not null)
        {
            json.WritePropertyName("id");
            json.WriteRawValue(idText);
        }

        json.WriteEndObject();
    });

    /// <summary>An event that is already a line of JSON.</summary>
    public static byte[] Event(string line) => Encoding.UTF8.GetBytes(line + "\r\n");

    /// <summary>A value as JSON in one line, readable where the encoder for pages would escape.</summary>
    public static string Text(JsonNode value)
    {
        ArrayBufferWriter<byte> bytes = new(256);
        using (Utf8JsonWriter json = new(bytes, Options))
        {
            value.WriteTo(json);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static byte[] Line(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> bytes = new(256);
        using (Utf8JsonWriter json = new(bytes, Options))
        {
            write(json);
        }

        bytes.Write("\r\n"u8);
        return bytes.WrittenSpan.ToArray();
    }
}
