using System.Text.Json;
using Replication.Actors.Logging;
using Replication.Host.Logging;

namespace Replication.Host.Tests.Logging;

/// <summary>An entry is one line, whatever is in it.</summary>
public sealed class LogLineTests
{
    /// <summary>Every end of a line, a bell, an escape, a turn of direction, half a character.</summary>
    private const string Hostile =
        "a\nb\r\nc\rd\0\a\u001b[2J\u0085\u2028\u2029\u202e\ud800 \"quoted\" \\ é 漢";

    private static readonly DateTime At = new(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);

    [Fact]
    public void Text_is_time_level_node_source_sentence_and_what_it_is_about()
    {
        LogEvent entry = new(LogLevel.Warning, "requests", "read failed")
        {
            Fields = [new LogField("request", "vm/3-17"), new LogField("volume", "vm")],
        };

        Assert.Equal(
            "2026-01-02T03:04:05.678Z WARN  gate requests: read failed {request=vm/3-17, volume=vm}\n",
            LogLine.Of(LogFormat.Text, At, "gate", entry));
    }

    [Fact]
    public void Json_has_each_part_as_a_member_of_its_own()
    {
        LogEvent entry = new(LogLevel.Error, "requests", "read failed", new InvalidOperationException("why"))
        {
            Fields =
            [
                new LogField("request", "vm/3-17"),
                new LogField("volume", "vm"),
                new LogField("error", "EIO"),
            ],
        };

        using JsonDocument line = JsonDocument.Parse(LogLine.Of(LogFormat.Json, At, "gate", entry));

        Assert.Equal(
            [
                "time=2026-01-02T03:04:05.678Z", "level=error", "node=gate", "source=requests",
                "message=read failed", "request=vm/3-17", "volume=vm", "error=EIO",
                "exception=System.InvalidOperationException: why",
            ],
            line.RootElement.EnumerateObject().Select(
                static member => $"{member.Name}={member.Value.GetString()}"));
    }

    [Theory]
    [InlineData(LogLevel.Debug, "debug", " DEBUG ")]
    [InlineData(LogLevel.Info, "info", " INFO  ")]
    [InlineData(LogLevel.Warning, "warning", " WARN  ")]
    [InlineData(LogLevel.Error, "error", " ERROR ")]
    public void Levels_have_their_words(LogLevel level, string json, string text)
    {
        LogEvent entry = new(level, "x", "y");

        using JsonDocument line = JsonDocument.Parse(LogLine.Of(LogFormat.Json, At, "gate", entry));
        Assert.Equal(json, line.RootElement.GetProperty("level").GetString());
        Assert.Contains(text, LogLine.Of(LogFormat.Text, At, "gate", entry), StringComparison.Ordinal);
    }

    [Fact]
    public void Control_characters_break_no_line_of_text_and_move_no_cursor()
    {
        string line = LogLine.Of(LogFormat.Text, At, "gate", Entry());

        Assert.EndsWith("\n", line, StringComparison.Ordinal);
        Assert.DoesNotContain(line[..^1], static letter => char.IsControl(letter));
        Assert.DoesNotContain(line, static letter => letter is '\u2028' or '\u2029' or '\u202e');
        Assert.Contains("\\u001b[2J", line, StringComparison.Ordinal);
        Assert.Contains("\"quoted\" \\ é 漢", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Control_characters_leave_json_one_valid_object_on_one_line()
    {
        string line = LogLine.Of(LogFormat.Json, At, "gate", Entry());

        Assert.DoesNotContain(line[..^1], static letter => char.IsControl(letter));
        using JsonDocument read = JsonDocument.Parse(line);
        string expected = Hostile.Replace('\ud800', '\ufffd');
        Assert.Equal(expected, read.RootElement.GetProperty("message").GetString());
        Assert.Equal(expected, read.RootElement.GetProperty("volume").GetString());
    }

    private static LogEvent Entry() =>
        new(LogLevel.Info, Hostile, Hostile, new InvalidOperationException(Hostile))
        {
            Fields = [new LogField("volume", Hostile)],
        };
}
