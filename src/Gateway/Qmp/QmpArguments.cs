using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Replication.Cluster.Records;

namespace Replication.Gateway.Qmp;

/// <summary>
/// The arguments of one command, taken one by one, and of the objects in them. The first thing that is wrong
/// is kept, in QEMU's words, and what is taken after it has its default; a command takes all that it knows,
/// then calls <see cref="Fails"/> once, on the outermost.
/// </summary>
public sealed class QmpArguments
{
    private readonly JsonElement? _given;
    private readonly string _path;
    private readonly Finding _finding;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<QmpArguments> _inner = [];

    /// <summary>Arguments as they came: an object, or null for none.</summary>
    public QmpArguments(JsonElement? arguments)
        : this(arguments, path: "", new Finding())
    {
    }

    private QmpArguments(JsonElement? given, string path, Finding finding)
    {
        _given = given;
        _path = path;
        _finding = finding;
    }

    /// <summary>A text that must be there.</summary>
    public string String(string name) => OptionalString(name) ?? Missing(name, "");

    /// <summary>A text, or null.</summary>
    public string? OptionalString(string name)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : WrongType<string?>(_path + name, "string", null);
    }

    /// <summary>A whole number that must be there.</summary>
    public long Integer(string name, long min, long max) =>
        OptionalInteger(name, min, max) ?? Missing(name, min);

    /// <summary>A whole number that must be there.</summary>
    public long Integer(string name) => OptionalInteger(name) ?? Missing(name, 0L);

    /// <summary>A whole number between the bounds, or null.</summary>
    public long? OptionalInteger(string name, long min, long max)
    {
        long? number = OptionalInteger(name);
        if (number < min || number > max)
        {
            _finding.Error ??= QmpError.Generic(number < min
                ? $"Parameter '{_path}{name}' expects a value >= {min}"
                : $"Parameter '{_path}{name}' expects a value <= {max}");
        }

        return number;
    }

    /// <summary>A whole number, or null.</summary>
    public long? OptionalInteger(string name)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number)
            ? number
            : WrongType<long?>(_path + name, "integer", null);
    }

    /// <summary>True, false or null.</summary>
    public bool? OptionalBoolean(string name)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : WrongType<bool?>(_path + name, "boolean", null);
    }

    /// <summary>One of an enum's values by its word (<see cref="EnumWords{T}"/>), or null.</summary>
    public T? OptionalWord<T>(string name)
        where T : struct, Enum
    {
        if (OptionalString(name) is not { } word)
        {
            return null;
        }

        if (EnumWords<T>.TryParse(word, out T value))
        {
            return value;
        }

        NotAccepted(name, word);
        return null;
    }

    /// <summary>One of these words, which must be there; the first of them stands for a wrong one.</summary>
    public string Word(string name, params IReadOnlyList<string> words)
    {
        string word = String(name);
        if (_finding.Error is null && !words.Contains(word))
        {
            NotAccepted(name, word);
        }

        return words.Contains(word) ? word : words[0];
    }

    /// <summary>A list of texts, or null.</summary>
    public IReadOnlyList<string>? OptionalStrings(string name)
    {
        IReadOnlyList<JsonElement>? elements = OptionalList(name);
        for (int index = 0; index < elements?.Count; index++)
        {
            if (elements[index].ValueKind != JsonValueKind.String)
            {
                return WrongType<IReadOnlyList<string>?>($"{_path}{name}[{index}]", "string", null);
            }
        }

        return elements is null ? null : [.. elements.Select(static element => element.GetString()!)];
    }

    /// <summary>
    /// A list that must be there, each element a text or an object with arguments of its own.
    /// </summary>
    public IReadOnlyList<QmpReference> References(string name)
    {
        if (OptionalList(name) is not { } elements)
        {
            return Missing<IReadOnlyList<QmpReference>>(name, []);
        }

        return [.. elements.Select((element, index) => element.ValueKind switch
        {
            JsonValueKind.String => new QmpReference(element.GetString(), Inline: null),
            JsonValueKind.Object => new QmpReference(Name: null, Inner(element, $"{name}[{index}]")),
            _ => WrongType($"{_path}{name}[{index}]", "BlockdevRef", new QmpReference("", Inline: null)),
        })];
    }

    /// <summary>An object that must be there, as arguments of its own.</summary>
    public QmpArguments Object(string name)
    {
        JsonElement? value = Take(name);
        if (value is null)
        {
            Missing(name, 0);
        }
        else if (value.Value.ValueKind != JsonValueKind.Object)
        {
            WrongType(_path + name, "object", 0);
            value = null;
        }

        return Inner(value, name);
    }

    /// <summary>Something else is wrong; what was wrong before it counts.</summary>
    public void Refuse(string desc) => _finding.Error ??= QmpError.Generic(desc);

    /// <summary>True when anything was wrong, an argument that was never asked for included.</summary>
    public bool Fails([NotNullWhen(true)] out QmpResult? failure)
    {
        RefuseUnknown();
        failure = _finding.Error is null ? null : QmpResult.Fail(_finding.Error);
        return failure is not null;
    }

    private void RefuseUnknown()
    {
        foreach (QmpArguments inner in _inner)
        {
            inner.RefuseUnknown();
        }

        if (_finding.Error is null && _given is { } given)
        {
            foreach (JsonProperty member in given.EnumerateObject())
            {
                if (!_known.Contains(member.Name))
                {
                    _finding.Error = QmpError.Generic($"Parameter '{_path}{member.Name}' is unexpected");
                    break;
                }
            }
        }
    }

    private QmpArguments Inner(JsonElement? value, string name)
    {
        QmpArguments inner = new(value, $"{_path}{name}.", _finding);
        _inner.Add(inner);
        return inner;
    }

    private List<JsonElement>? OptionalList(string name)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray()]
            : WrongType<List<JsonElement>?>(_path + name, "array", null);
    }

    private JsonElement? Take(string name)
    {
        _known.Add(name);
        return _given is { } given && given.TryGetProperty(name, out JsonElement value) ? value : null;
    }

    /// <summary>QEMU says where a value is missing, but not where a word is that it does not take.</summary>
    private void NotAccepted(string name, string word) =>
        Refuse($"Parameter '{name}' does not accept value '{word}'");

    private T Missing<T>(string name, T instead)
    {
        Refuse($"Parameter '{_path}{name}' is missing");
        return instead;
    }

    private T WrongType<T>(string where, string expected, T instead)
    {
        Refuse($"Invalid parameter type for '{where}', expected: {expected}");
        return instead;
    }

    /// <summary>The first thing that is wrong, shared by all arguments of a command.</summary>
    private sealed class Finding
    {
        public QmpError? Error { get; set; }
    }
}
