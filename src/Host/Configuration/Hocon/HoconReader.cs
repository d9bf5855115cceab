using System.Globalization;
using System.Text;

namespace Replication.Host.Configuration.Hocon;

/// <summary>
/// Reads the subset of HOCON that docs/configuration.md describes. Whatever the text, it gives a tree or
/// throws a <see cref="ConfigurationException"/> with the line and column.
/// </summary>
public sealed class HoconReader
{
    /// <summary>Longest text, in UTF-16 units.</summary>
    public const int LengthMax = 1 << 20;

    /// <summary>Objects and lists within each other, each name of a dotted path counted.</summary>
    public const int DepthMax = 32;

    /// <summary>Longest name of a member, in UTF-16 units.</summary>
    public const int NameLengthMax = 128;

    /// <summary>What HOCON keeps for itself: a text with one of these is quoted.</summary>
    private const string Reserved = "$\"{}[]:=,+#`^?!@*&\\";

    private readonly HoconCursor _at;
    private readonly Func<string, string?> _variable;

    private HoconReader(string text, string source, Func<string, string?> variable)
    {
        _at = new HoconCursor(text, source);
        _variable = variable;
    }

    /// <summary>Reads a whole text: an object, whose outermost braces may be left out.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Its name, for positions.</param>
    /// <param name="variable">The value of an environment variable, or null.</param>
    /// <exception cref="ConfigurationException">It is none.</exception>
    public static HoconObject Read(string text, string source, Func<string, string?> variable)
    {
        HoconReader reader = new(Checked(text, source), source, variable);
        HoconObject root = new(reader._at.Position);
        reader._at.SkipToContent();
        if (reader._at.Peek() == '{')
        {
            reader._at.Take();
            reader.ReadMembers(root, '}', depth: 1);
            reader._at.SkipToContent();
            reader.Expect(HoconCursor.End, "the end of the text");
        }
        else
        {
            reader.ReadMembers(root, HoconCursor.End, depth: 1);
        }

        return root;
    }

    /// <summary>
    /// Reads one value alone, as <c>--set</c> has it: a list, an object or a quoted text as in a file; any
    /// other text is taken as it is.
    /// </summary>
    /// <exception cref="ConfigurationException">It is none.</exception>
    public static HoconValue ReadValue(string text, string source)
    {
        HoconPosition position = new(source, 0, 0);
        string trimmed = text.Trim();
        if (trimmed.Length == 0 || trimmed[0] is not ('"' or '[' or '{'))
        {
            return new HoconText(position, trimmed);
        }

        HoconReader reader = new(Checked(trimmed, source), source, static _ => null);
        HoconValue value = reader.ReadValue(depth: 1)!;
        reader._at.SkipToContent();
        reader.Expect(HoconCursor.End, "the end of the value");
        return value;
    }

    private static string Checked(string text, string source)
    {
        if (text.Length > LengthMax)
        {
            throw new ConfigurationException(
                new HoconPosition(source, 0, 0),
                $"it has {text.Length} characters, and at most {LengthMax} are read");
        }

        int zero = text.IndexOf(HoconCursor.End, StringComparison.Ordinal);
        if (zero < 0)
        {
            return text;
        }

        HoconCursor cursor = new(text, source);
        for (int taken = 0; taken < zero; taken++)
        {
            cursor.Take();
        }

        throw new ConfigurationException(cursor.Position, "a character 0 is in no text");
    }

    /// <summary>Reads members up to the end, which it takes.</summary>
    private void ReadMembers(HoconObject into, char end, int depth)
    {
        while (true)
        {
            _at.SkipToContent();
            CheckGoesOn(end, into.Position);
            if (_at.Peek() == end)
            {
                _at.Take();
                return;
            }

            HoconPosition position = _at.Position;
            string[] path = ReadPath();
            int inner = depth + path.Length;
            _at.SkipBlanks();
            if (_at.Peek() is '=' or ':')
            {
                _at.Take();
                SkipToValue();
            }
            else if (_at.Peek() == '+' && _at.Peek(1) == '=')
            {
                throw Wrong("'+=' is not read: write the whole list");
            }
            else if (_at.Peek() != '{')
            {
                throw Wrong($"'=', ':' or '{{' was expected after {string.Join('.', path)}, {Found()}");
            }

            if (ReadValue(inner) is { } value)
            {
                into.Put(path, position, value);
            }

            ReadSeparator(end, into.Position);
        }
    }

    /// <summary>Between '=' and an object or list, lines may end, as HOCON has it.</summary>
    private void SkipToValue()
    {
        HoconPosition position = _at.Position;
        bool lineEnded = _at.SkipToContent();
        if (lineEnded && _at.Peek() is not ('{' or '['))
        {
            throw new ConfigurationException(position, "a value was expected, the line ends");
        }
    }

    /// <summary>A comma or the end of a line, or the end of what the members or items are in.</summary>
    private void ReadSeparator(char end, HoconPosition opened)
    {
        bool lineEnded = _at.SkipToContent();
        CheckGoesOn(end, opened);
        if (_at.Peek() == ',')
        {
            _at.Take();
        }
        else if (!lineEnded && _at.Peek() != end)
        {
            throw Wrong($"a new line or ',' was expected, {Found()}");
        }
    }

    /// <summary>Says which section or list is not closed where the text ends within one.</summary>
    private void CheckGoesOn(char end, HoconPosition opened)
    {
        if (_at.Peek() == HoconCursor.End && end != HoconCursor.End)
        {
            char open = end == '}' ? '{' : '[';
            throw Wrong(
                $"the text ends, and '{end}' is missing for the '{open}' at {opened.Line}:{opened.Column}");
        }
    }

    private string[] ReadPath()
    {
        List<string> names = [];
        do
        {
            if (names.Count > 0)
            {
                _at.Take();
            }

            HoconPosition position = _at.Position;
            names.Add(_at.Peek() == '"' ? ReadQuoted() : ReadName());
            if (names[^1].Length > NameLengthMax)
            {
                throw new ConfigurationException(position, $"a name has at most {NameLengthMax} characters");
            }

            CheckDepth(names.Count);
        }
        while (_at.Peek() == '.');
        if (names is ["include"] && _at.Peek() != '=' && !IsAssignment())
        {
            throw Wrong("'include' is not read: all settings are in one file");
        }

        return [.. names];
    }

    private bool IsAssignment()
    {
        int ahead = 0;
        while (HoconCursor.IsBlank(_at.Peek(ahead)))
        {
            ahead++;
        }

        return _at.Peek(ahead) is '=' or ':' or '{' or '+';
    }

    private string ReadName()
    {
        StringBuilder name = new();
        while (char.IsAsciiLetterOrDigit(_at.Peek()) || _at.Peek() is '-' or '_')
        {
            name.Append(_at.Take());
        }

        return name.Length > 0 ? name.ToString() : throw Wrong($"a name was expected, {Found()}");
    }

    /// <summary>
    /// Reads a value; null for a variable that is not set, which is as if nothing stood there.
    /// </summary>
    private HoconValue? ReadValue(int depth)
    {
        CheckDepth(depth);
        HoconPosition position = _at.Position;
        switch (_at.Peek())
        {
            case '{':
                _at.Take();
                HoconObject members = new(position);
                ReadMembers(members, '}', depth);
                return members;
            case '[':
                _at.Take();
                return ReadList(position, depth);
            case '"':
                return new HoconText(position, ReadQuoted());
            case '$':
                return ReadVariable(position);
            default:
                return new HoconText(position, ReadUnquoted());
        }
    }

    private HoconList ReadList(HoconPosition position, int depth)
    {
        List<HoconValue> items = [];
        while (true)
        {
            _at.SkipToContent();
            CheckGoesOn(']', position);
            if (_at.Peek() == ']')
            {
                _at.Take();
                return new HoconList(position, items);
            }

            if (ReadValue(depth + 1) is { } item)
            {
                items.Add(item);
            }

            ReadSeparator(']', position);
        }
    }

    private HoconText? ReadVariable(HoconPosition position)
    {
        _at.Take();
        if (_at.Take() != '{' || _at.Take() != '?')
        {
            throw new ConfigurationException(
                position, "of substitutions only ${?NAME} is read, the environment variable NAME");
        }

        string name = ReadName();
        Expect('}', "'}'");
        _at.Take();
        return _variable(name) is { } value ? new HoconText(position, value) : null;
    }

    private string ReadQuoted()
    {
        HoconPosition position = _at.Position;
        _at.Take();
        if (_at.Peek() == '"' && _at.Peek(1) == '"')
        {
            throw new ConfigurationException(position, "texts in three quotes are not read: use one and \\n");
        }

        StringBuilder text = new();
        while (_at.Peek() != '"')
        {
            if (_at.Peek() is HoconCursor.End or '\n')
            {
                throw new ConfigurationException(position, "the text that begins here has no closing quote");
            }

            text.Append(_at.Peek() == '\\' ? ReadEscape() : _at.Take());
        }

        _at.Take();
        return text.ToString();
    }

    private char ReadEscape()
    {
        HoconPosition position = _at.Position;
        _at.Take();
        char letter = _at.Take();
        return letter switch
        {
            '"' or '\\' or '/' => letter,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\b',
            'f' => '\f',
            'u' => ReadCodeUnit(position),
            _ => throw new ConfigurationException(
                position, "no such escape: \\\" \\\\ \\/ \\n \\t \\r \\b \\f and \\uXXXX are known"),
        };
    }

    private char ReadCodeUnit(HoconPosition position)
    {
        const int Digits = 4;
        int unit = 0;
        for (int digit = 0; digit < Digits; digit++)
        {
            char hex = _at.Take();
            unit = char.IsAsciiHexDigit(hex)
                ? (unit * 16) + int.Parse([hex], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : throw new ConfigurationException(position, "\\u wants four hexadecimal digits");
        }

        return (char)unit;
    }

    private string ReadUnquoted()
    {
        StringBuilder text = new();
        while (_at.Peek() is not (HoconCursor.End or '\n' or ',' or '}' or ']') && !_at.IsComment())
        {
            if (Reserved.Contains(_at.Peek(), StringComparison.Ordinal))
            {
                throw Wrong($"a text with '{_at.Peek()}' in it is to be quoted, as in \"127.0.0.1:10809\"");
            }

            text.Append(_at.Take());
        }

        string trimmed = text.ToString().TrimEnd();
        return trimmed.Length > 0 ? trimmed : throw Wrong($"a value was expected, {Found()}");
    }

    private void CheckDepth(int depth)
    {
        if (depth > DepthMax)
        {
            throw Wrong($"sections and lists are at most {DepthMax} within each other");
        }
    }

    private void Expect(char expected, string inWords)
    {
        if (_at.Peek() != expected)
        {
            throw Wrong($"{inWords} was expected, {Found()}");
        }
    }

    private string Found() => _at.Peek() switch
    {
        HoconCursor.End => "the text ends",
        '\n' => "the line ends",
        char other when char.IsControl(other) || char.IsSurrogate(other) => $"U+{(int)other:X4} is there",
        char other => $"'{other}' is there",
    };

    private ConfigurationException Wrong(string sentence) => new(_at.Position, sentence);
}
