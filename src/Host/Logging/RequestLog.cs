using System.Text;
using Replication.Actors.Disk;
using Replication.Actors.Logging;
using Replication.Coordinator.Observing;

namespace Replication.Host.Logging;

/// <summary>
/// The gateway's entries about its requests: a warning for each that failed, was slow, or found something
/// wrong with a child, whether or not its client noticed; at level debug every one.
/// </summary>
internal sealed class RequestLog(RequestEntries entries, TimeProvider time, TimeSpan slow) : IRequestObserver
{
    /// <summary>Where these entries say that they come from.</summary>
    public const string Source = "requests";

    /// <inheritdoc/>
    public void OnEnded(in RequestReport report)
    {
        TimeSpan over = time.GetElapsedTime(report.ArrivedAt, report.EndedAt);
        bool isWrong = report.Errno != 0 || report.Children.Count > 0 || over >= slow;
        LogLevel level = isWrong ? LogLevel.Warning : LogLevel.Debug;
        if (entries.Wants(level))
        {
            entries.Write(level, Sentence(report, over), (report.Id, report.VolumeName), ErrnoOf(report));
        }
    }

    /// <summary>The client's errno, else that of the first child that has one.</summary>
    private static int ErrnoOf(in RequestReport report)
    {
        if (report.Errno != 0)
        {
            return report.Errno;
        }

        return report.Children.FirstOrDefault(static child => child.Errno != 0)?.Errno ?? 0;
    }

    private string Sentence(in RequestReport report, TimeSpan over)
    {
        StringBuilder sentence = new(RequestWords.Word(report.Kind));
        sentence.Append(RequestWords.Range(report.OffsetBytes, report.LengthBytes));
        sentence.Append(report.Errno == 0 ? " was answered" : $" failed ({report.Reason})");
        sentence.Append($" after {RequestWords.Took(Since(report, report.AnsweredAt))}");
        sentence.Append($", {RequestWords.Took(Since(report, report.StartedAt))} of them before it began");
        sentence.Append($", and was over after {RequestWords.Took(over)}");
        foreach (ChildReport child in report.Children)
        {
            sentence.Append($"; {child.NodeName} {Words(child)}");
        }

        return sentence.ToString();
    }

    private TimeSpan Since(in RequestReport report, long at) => time.GetElapsedTime(report.ArrivedAt, at);

    private static string Words(ChildReport child)
    {
        List<string> said = [];
        if (child.VotesLost > 0)
        {
            said.Add("lost the vote");
        }

        if (child.Repairs > 0)
        {
            said.Add("was rewritten with what won");
        }

        if (child.Errors > 0 || child.Reason is not null)
        {
            said.Add($"failed: {Trouble(child)}");
        }

        if (child.RepairErrors > 0)
        {
            said.Add($"could not be rewritten: {Trouble(child)}");
        }

        return string.Join(", ", said);
    }

    private static string Trouble(ChildReport child) => child.Reason switch
    {
        null => Errno.Text(child.Errno),
        { } reason when child.Errno == 0 => reason,
        { } reason => $"{Errno.Text(child.Errno)} ({reason})",
    };
}
