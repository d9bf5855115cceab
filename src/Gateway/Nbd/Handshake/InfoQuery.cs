using Replication.Gateway.Nbd.Wire;

namespace Replication.Gateway.Nbd.Handshake;

/// <summary>
/// The data of INFO and GO: an export's name and which facts are wanted; unknown facts are passed over.
/// </summary>
internal sealed record InfoQuery(string ExportName, bool Name, bool Description, bool BlockSize)
{
    /// <summary>Null when the lengths do not add up.</summary>
    internal static InfoQuery? Parse(ReadOnlySpan<byte> bytes)
    {
        OptionData data = new(bytes);
        if (!data.TryReadString(out string export) || !data.TryReadUInt16(out ushort count))
        {
            return null;
        }

        InfoQuery query = new(export, Name: false, Description: false, BlockSize: false);
        for (int i = 0; i < count; i++)
        {
            if (!data.TryReadUInt16(out ushort wanted))
            {
                return null;
            }

            query = (InfoType)wanted switch
            {
                InfoType.Name => query with { Name = true },
                InfoType.Description => query with { Description = true },
                InfoType.BlockSize => query with { BlockSize = true },
                _ => query,
            };
        }

        return data.IsAtEnd ? query : null;
    }
}
