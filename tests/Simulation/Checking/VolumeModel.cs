namespace Replication.Simulation.Checking;

/// <summary>
/// What clients did to a volume and what they were told, sector by sector, on the world's clock of steps.
/// </summary>
internal sealed class VolumeModel
{
    private readonly SectorHistory[] _sectors;
    private long _lastWrite;

    internal VolumeModel(int sectorCount)
    {
        _sectors = new SectorHistory[sectorCount];
        for (int sector = 0; sector < sectorCount; sector++)
        {
            _sectors[sector] = new SectorHistory();
        }
    }

    /// <summary>The number of the next write.</summary>
    internal long NextWrite() => ++_lastWrite;

    internal void AddWrite(
        long write, (long First, long Count) sectors, (long Start, long End) time, bool acknowledged)
    {
        for (long sector = sectors.First; sector < sectors.First + sectors.Count; sector++)
        {
            if (write == 0)
            {
                _sectors[sector].AddZeroing(time.Start, time.End, acknowledged);
            }
            else
            {
                _sectors[sector].AddWrite(write, time.Start, time.End, acknowledged);
            }
        }
    }

    /// <summary>
    /// Takes the bytes of an answered read; the first sector that no write wrote is the violation.
    /// </summary>
    internal string? AddRead(long firstSector, ReadOnlySpan<byte> bytes, (long Start, long End) time)
    {
        for (int index = 0; index < bytes.Length / SectorContent.LengthBytes; index++)
        {
            long sector = firstSector + index;
            long value = SectorContent.Decode(
                sector, bytes.Slice(index * SectorContent.LengthBytes, SectorContent.LengthBytes));
            if (value == SectorContent.Garbage)
            {
                return $"I1: sector {sector} was read with bytes that nobody wrote";
            }

            _sectors[sector].AddRead(value, time.Start, time.End);
        }

        return null;
    }

    /// <summary>Why some sector's history is impossible, or null.</summary>
    internal string? FindViolation()
    {
        for (int sector = 0; sector < _sectors.Length; sector++)
        {
            if (_sectors[sector].FindViolation() is string violation)
            {
                return $"I1/I7: sector {sector}: {violation}";
            }
        }

        return null;
    }
}
