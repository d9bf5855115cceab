using Replication.Gateway.Nbd.Wire;

namespace Replication.Gateway.Nbd.Handshake;

/// <summary>
/// The data of LIST_META_CONTEXT and SET_META_CONTEXT: an export's name, and whether our context is meant.
/// </summary>
/// <param name="ExportName">As the client sent it.</param>
/// <param name="QueryCount">Number of queries, known or not.</param>
/// <param name="Exact">One of them is <c>base:allocation</c>.</param>
/// <param name="Wildcard">One of them is <c>base:</c>, which means all of base in a list, and nothing in a
/// set.</param>
internal sealed record MetaContextQuery(string ExportName, uint QueryCount, bool Exact, bool Wildcard)
{
    /// <summary>Null when the lengths do not add up. Queries of other namespaces are passed over.</summary>
    internal static MetaContextQuery? Parse(ReadOnlySpan<byte> bytes)
    {
        OptionData data = new(bytes);
        if (!data.TryReadString(out string export) || !data.TryReadUInt32(out uint count))
        {
            return null;
        }

        bool exact = false;
        bool wildcard = false;

        // Each query takes four bytes at least, so a count that lies ends this at the end of the data.
        for (uint i = 0; i < count; i++)
        {
            if (!data.TryReadString(out string query))
            {
                return null;
            }

            exact |= query == NbdProtocol.AllocationContext;
            wildcard |= query == "base:";
        }

        return data.IsAtEnd ? new MetaContextQuery(export, count, exact, wildcard) : null;
    }
}
