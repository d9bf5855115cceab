using System.Text.Json;

namespace Replication.Host.Output;

/// <summary>
/// What is new since the last look at the volumes, in sentences: for a pipe, where nothing can be redrawn.
/// Used by one thread at a time.
/// </summary>
internal sealed class StatusChanges
{
    /// <summary>Looks between two sentences of progress about the same thing.</summary>
    public const int ProgressLooks = 5;

    private Dictionary<(string Subject, string Topic), Sentence> _before = [];
    private HashSet<string> _subjectsBefore = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Subject, string Topic), int> _toldAt = [];
    private int _look;

    /// <summary>
    /// What is to be told now; everything at the first look. In the order of the volumes, then what is over.
    /// </summary>
    public IReadOnlyList<string> Next(JsonElement volumes)
    {
        _look++;
        HashSet<string> subjects = [.. volumes.EnumerateArray().SelectMany(SubjectsOf)];
        Dictionary<(string Subject, string Topic), Sentence> now = [];
        List<string> told = [];
        foreach (Sentence sentence in volumes.EnumerateArray().SelectMany(VolumeSentences.Of))
        {
            (string Subject, string Topic) key = (sentence.Subject, sentence.Topic);
            now[key] = sentence;
            if (IsNews(key, sentence))
            {
                told.Add(sentence.Text);
                _toldAt[key] = _look;
            }
        }

        foreach (((string Subject, string Topic) key, Sentence sentence) in _before)
        {
            if (!now.ContainsKey(key))
            {
                _toldAt.Remove(key);
                if (sentence.WhenOver is { } over && subjects.Contains(sentence.Subject))
                {
                    told.Add(over);
                }
            }
        }

        told.AddRange(_subjectsBefore.Except(subjects).Select(static gone => $"{gone} is no more."));
        _before = now;
        _subjectsBefore = subjects;
        return told;
    }

    private bool IsNews((string Subject, string Topic) key, Sentence sentence) =>
        !_before.TryGetValue(key, out Sentence? before)
        || (before.Text != sentence.Text
            && (!sentence.IsProgress || _look - _toldAt.GetValueOrDefault(key) >= ProgressLooks));

    private static IEnumerable<string> SubjectsOf(JsonElement volume) =>
        volume.GetProperty("children").EnumerateArray()
            .Select(child => ChildSentences.SubjectOf(volume, child))
            .Prepend(JsonMembers.Text(volume, "name", otherwise: "-"));
}
