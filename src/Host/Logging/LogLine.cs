using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Replication.Actors.Logging;

namespace Replication.Host.Logging;

/// <summary>
/// An entry as one line, with its end: whatever a client put into a name, nothing in it ends the line early
/// or moves a terminal's cursor.
/// </summary>
internal static class LogLine
{
    // The line goes to programs and terminals, never into a page: quotes in a sentence stay readable.
    private static readonly JsonWriterOptions Options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The entry in a format.</summary>
    /// <param name="format">Which.</param>
    /// <param name="at">When, in UTC.</param>
    /// <param name="node">Whose system it is of.</param>
    /// <param name="entry">The entry.</param>
    public static string Of(LogFormat format, DateTime at, string node, LogEvent entry)
    {
        string time = at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return format == LogFormat.Json ? Json(time, node, entry) : Text(time, node, entry);
    }

    private static string Text(string time, string node, LogEvent entry)
    {
        string level = entry.Level switch
        {
            LogLevel.Debug => "DEBUG",
            LogLevel.Info => "INFO ",
            LogLevel.Warning => "WARN ",
            _ => "ERROR",
        };
        StringBuilder line = new($"{time} {level} {node} {entry.Source}: {entry.Message}");
        if (entry.Fields.Count > 0)
        {
            line.Append(" {");
            line.AppendJoin(", ", entry.Fields.Select(static field => $"{field.Name}={field.Value}"));
            line.Append('}');
        }

        if (entry.Cause is not null)
        {
            line.Append(CultureInfo.InvariantCulture, $" [{entry.Cause}]");
        }

        return OneLine(line.ToString().ReplaceLineEndings(" | ")) + "\n";
    }

    private static string OneLine(string text)
    {
        if (!text.Any(IsControl))
        {
            return text;
        }

        StringBuilder line = new(text.Length + 16);
        foreach (char letter in text)
        {
            if (IsControl(letter))
            {
                line.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            }
            else
            {
                line.Append(letter);
            }
        }

        return line.ToString();
    }

    /// <summary>Among them those that turn the direction of writing.</summary>
    private static bool IsControl(char letter) => CharUnicodeInfo.GetUnicodeCategory(letter)
        is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string Json(string time, string node, LogEvent entry)
    {
        ArrayBufferWriter<byte> bytes = new(256);
        using (Utf8JsonWriter json = new(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("time", time);
            json.WriteString("level", entry.Level switch
            {
                LogLevel.Debug => "debug",
                LogLevel.Info => "info",
                LogLevel.Warning => "warning",
                _ => "error",
            });
            json.WriteString("node", node);
            json.WriteString("source", entry.Source);
            json.WriteString("message", entry.Message);
            foreach (LogField field in entry.Fields)
            {
                json.WriteString(field.Name, field.Value);
            }

            if (entry.Cause is not null)
            {
                json.WriteString("exception", entry.Cause.ToString());
            }

            json.WriteEndObject();
        }

        return OneLine(Encoding.UTF8.GetString(bytes.WrittenSpan)) + "\n";
    }
}
