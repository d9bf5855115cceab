using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Replication.Cluster.Records;

namespace Replication.Gateway.Qmp;

/// <summary>
/// The arguments of one command, taken one by one. The first thing that is wrong is kept, in QEMU's words,
/// and what is taken after it has its default; a command takes all that it knows, then calls
/// <see cref="Fails"/> once.
/// </summary>
public sealed class QmpArguments(JsonElement? arguments)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private QmpError? _error;

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
            : WrongType<string?>(name, "string", null);
    }

    /// <summary>A whole number that must be there.</summary>
    public long Integer(string name, long min, long max) =>
        OptionalInteger(name, min, max) ?? Missing(name, min);

    /// <summary>A whole number between the bounds, or null.</summary>
    public long? OptionalInteger(string name, long min, long max)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out long number))
        {
            return WrongType<long?>(name, "integer", null);
        }

        if (number < min || number > max)
        {
            _error ??= QmpError.Generic(number < min
                ? $"Parameter '{name}' expects a value >= {min}"
                : $"Parameter '{name}' expects a value <= {max}");
        }

        return number;
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
            : WrongType<bool?>(name, "boolean", null);
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

        _error ??= QmpError.Generic($"Parameter '{name}' does not accept value '{word}'");
        return null;
    }

    /// <summary>A list of texts, or null.</summary>
    public IReadOnlyList<string>? OptionalStrings(string name)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            return WrongType<IReadOnlyList<string>?>(name, "array", null);
        }

        List<string> texts = [];
        foreach (JsonElement element in value.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.String)
            {
                return WrongType<IReadOnlyList<string>?>($"{name}[{texts.Count}]", "string", null);
            }

            texts.Add(element.GetString()!);
        }

        return texts;
    }

    /// <summary>True when anything was wrong, an argument that was never asked for included.</summary>
    public bool Fails([NotNullWhen(true)] out QmpResult? failure)
    {
        if (_error is null && arguments is { } given)
        {
            foreach (JsonProperty member in given.EnumerateObject())
            {
                if (!_known.Contains(member.Name))
                {
                    _error = QmpError.Generic($"Parameter '{member.Name}' is unexpected");
                    break;
                }
            }
        }

        failure = _error is null ? null : QmpResult.Fail(_error);
        return failure is not null;
    }

    private JsonElement? Take(string name)
    {
        _known.Add(name);
        return arguments is { } given && given.TryGetProperty(name, out JsonElement value) ? value : null;
    }

    private T Missing<T>(string name, T instead)
    {
        _error ??= QmpError.Generic($"Parameter '{name}' is missing");
        return instead;
    }

    private T WrongType<T>(string name, string expected, T instead)
    {
        _error ??= QmpError.Generic($"Invalid parameter type for '{name}', expected: {expected}");
        return instead;
    }
}
