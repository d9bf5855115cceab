namespace Replication.Gateway.Qmp;

/// <summary>What a client's bytes amount to: the text of one JSON value, or an error to answer.</summary>
/// <param name="Json">The value's text, not yet parsed; null for an error.</param>
/// <param name="Error">The error's text; null when there is a value.</param>
/// <param name="IsFatal">True when the connection cannot go on after the error.</param>
internal sealed record QmpInput(byte[]? Json, string? Error = null, bool IsFatal = false);
