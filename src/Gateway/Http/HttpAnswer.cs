namespace Replication.Gateway.Http;

/// <summary>What a page has to say.</summary>
/// <param name="Status">HTTP's number.</param>
/// <param name="ContentType">The body's media type.</param>
/// <param name="Body">The body.</param>
public sealed record HttpAnswer(int Status, string ContentType, ReadOnlyMemory<byte> Body);
