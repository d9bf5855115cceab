using System.Text.Json;
using System.Text.Json.Nodes;

namespace Replication.Gateway.Qmp;

/// <summary>How a command ended: with something to return, or with an error.</summary>
public sealed class QmpResult
{
    private QmpResult(Action<Utf8JsonWriter>? write, QmpError? error)
    {
        WriteReturn = write;
        Error = error;
    }

    /// <summary>The empty object, which most commands that change something return.</summary>
    public static QmpResult Empty { get; } = Return(static json =>
    {
        json.WriteStartObject();
        json.WriteEndObject();
    });

    /// <summary>Writes the value to return; null for an error.</summary>
    public Action<Utf8JsonWriter>? WriteReturn { get; }

    /// <summary>The error; null for success.</summary>
    public QmpError? Error { get; }

    /// <summary>Runs once the reply is sent, or cannot be; null when there is nothing to do.</summary>
    public Action? AfterReply { get; private init; }

    /// <summary>The exports that the command removed, in that order: all clients hear of it before the
    /// reply.</summary>
    public IReadOnlyList<string> RemovedExports { get; private init; } = [];

    /// <summary>Success with a value.</summary>
    public static QmpResult Return(JsonNode value) => Return(json => value.WriteTo(json));

    /// <summary>Success with a value that is written straight into the reply.</summary>
    public static QmpResult Return(Action<Utf8JsonWriter> write) => new(write, error: null);

    /// <summary>Failure.</summary>
    public static QmpResult Fail(QmpError error) => new(write: null, error);

    /// <summary>Failure without a class of its own.</summary>
    public static QmpResult Fail(string desc) => Fail(QmpError.Generic(desc));

    /// <summary>The same, and then something that would keep the reply from being sent.</summary>
    public QmpResult Then(Action afterReply) =>
        new(WriteReturn, Error) { AfterReply = afterReply, RemovedExports = RemovedExports };

    /// <summary>The same, with exports that were removed, whether or not all went well.</summary>
    /// <param name="ids">Their ids.</param>
    public QmpResult WithRemovedExports(IReadOnlyList<string> ids) =>
        new(WriteReturn, Error) { AfterReply = AfterReply, RemovedExports = ids };
}
