namespace Replication.Fuzz.Checking;

/// <summary>The server's answers are wrong; the message says how.</summary>
internal sealed class ComplaintException(string message) : Exception(message);
