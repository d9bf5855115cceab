using Replication.Actors.Disk;
using Replication.Actors.Logging;
using Replication.Messages;

namespace Replication.Host.Logging;

/// <summary>
/// Writes entries about the requests of one system. Each names its request and volume in fields of their own.
/// </summary>
/// <param name="log">Where to.</param>
/// <param name="node">The system's name.</param>
/// <param name="source">Who speaks.</param>
/// <param name="pace">How many warnings there may be.</param>
internal sealed class RequestEntries(LogFile log, string node, string source, WarningPace pace)
{
    /// <summary>
    /// Whether an entry of this level is to be made: warnings within the pace, others as the log has it.
    /// </summary>
    public bool Wants(LogLevel level)
    {
        if (!log.IsOn(level))
        {
            return false;
        }

        if (level < LogLevel.Warning)
        {
            return true;
        }

        bool isTaken = pace.TryTake(out long skipped);
        if (skipped > 0)
        {
            log.Write(node, new LogEvent(
                LogLevel.Warning, source, $"{skipped} more warnings about requests were left out"));
        }

        return isTaken;
    }

    /// <summary>Writes an entry that is wanted.</summary>
    /// <param name="level">How loud.</param>
    /// <param name="sentence">What happened.</param>
    /// <param name="request">The request and its volume; number 0 for none.</param>
    /// <param name="errno">0 for none.</param>
    public void Write(LogLevel level, string sentence, (RequestId Id, string Volume) request, int errno)
    {
        List<LogField> fields = new(3);
        if (request.Id.Number != 0)
        {
            fields.Add(new LogField(RequestWords.Request, request.Id.In(request.Volume)));
        }

        fields.Add(new LogField(RequestWords.Volume, request.Volume));
        if (errno != 0)
        {
            fields.Add(new LogField(RequestWords.Error, Errno.Text(errno)));
        }

        log.Write(node, new LogEvent(level, source, sentence) { Fields = fields });
    }
}
