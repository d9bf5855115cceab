namespace Replication.Fuzz.Conversations;

/// <summary>What the conversations are about: the export they use, and another that they may name.</summary>
internal sealed record FuzzTarget(string Export, ulong SizeBytes, string OtherExport)
{
    public bool Exists(string name) => name == Export || name == OtherExport;
}
