using System.Text;

namespace Replication.Gateway.Exports;

/// <summary>
/// Which volumes clients can reach, by name, in the order in which they were added. Exports come and go while
/// doors are open: whoever serves one attaches to it and is told when it is withdrawn. Safe from any thread.
/// </summary>
public sealed class ExportCatalog
{
    /// <summary>Most absences that are remembered; the oldest goes for one more.</summary>
    public const int AbsencesMax = 256;

    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];

    // Oldest first.
    private readonly List<(string Name, ExportAbsence Absence)> _absences = [];

    /// <summary>Adds an export.</summary>
    /// <returns>False when the name is taken; nothing is changed then.</returns>
    /// <exception cref="ArgumentException">Name, description or size are out of bounds.</exception>
    public bool Add(Export export)
    {
        ArgumentNullException.ThrowIfNull(export);
        Check(export);
        lock (_lock)
        {
            if (IndexOf(export.Name) >= 0)
            {
                return false;
            }

            _absences.RemoveAll(known => known.Name == export.Name);
            _entries.Add(new Entry(export));
            return true;
        }
    }

    /// <summary>
    /// Takes an export away and tells everyone attached to it; new clients no longer find it.
    /// </summary>
    /// <param name="name">The export's name.</param>
    /// <param name="reason">A sentence for the log of each connection.</param>
    /// <returns>False when there is no such export.</returns>
    public bool Remove(string name, string reason)
    {
        ExportAttachment[] attached;
        lock (_lock)
        {
            int index = IndexOf(name);
            if (index < 0)
            {
                return false;
            }

            attached = [.. _entries[index].Attached, .. _entries[index].Remains];
            _entries.RemoveAt(index);
        }

        // Outside the lock: a user that ends at once detaches itself.
        foreach (ExportAttachment attachment in attached)
        {
            attachment.User.OnExportWithdrawn(reason);
        }

        return true;
    }

    /// <summary>
    /// Has clients that ask for this name be told why they find nothing, until it is added; replaces what
    /// they were told before. A reason past <see cref="ExportAbsence.ReasonLengthMax"/> is cut.
    /// </summary>
    /// <param name="name">What clients ask for.</param>
    /// <param name="absence">Null: there is nothing to say of it any more.</param>
    public void Explain(string name, ExportAbsence? absence)
    {
        lock (_lock)
        {
            _absences.RemoveAll(known => known.Name == name);
            if (absence is not null)
            {
                int length = Math.Min(absence.Reason.Length, ExportAbsence.ReasonLengthMax);
                _absences.Add((name, absence with { Reason = absence.Reason[..length] }));
            }

            if (_absences.Count > AbsencesMax)
            {
                _absences.RemoveAt(0);
            }
        }
    }

    /// <summary>
    /// Why <see cref="Find"/> finds nothing of that name; null where it does, or nothing is known. The empty
    /// name stands for the only one there is something to say of, where nothing is exported.
    /// </summary>
    public ExportAbsence? WhyAbsent(string name)
    {
        lock (_lock)
        {
            if (FindEntry(name) is not null)
            {
                return null;
            }

            return name.Length > 0 ? _absences.Find(known => known.Name == name).Absence
                : _entries.Count == 0 && _absences.Count == 1 ? _absences[0].Absence
                : null;
        }
    }

    /// <summary>All exports, oldest first.</summary>
    public IReadOnlyList<Export> List()
    {
        lock (_lock)
        {
            return [.. _entries.Select(static entry => entry.Export)];
        }
    }

    /// <summary>
    /// The export of that name, or the only one there is when the name is empty; else null.
    /// </summary>
    public Export? Find(string name)
    {
        lock (_lock)
        {
            return FindEntry(name)?.Export;
        }
    }

    /// <summary>How many users are attached to an export now; 0 when there is no such export.</summary>
    public int CountUsers(string name)
    {
        lock (_lock)
        {
            return FindEntry(name)?.Attached.Count ?? 0;
        }
    }

    /// <summary>Starts using an export, found as by <see cref="Find"/>; null when there is none.</summary>
    public ExportAttachment? Attach(string name, IExportUser user)
    {
        lock (_lock)
        {
            Entry? entry = FindEntry(name);
            if (entry is null)
            {
                return null;
            }

            ExportAttachment attachment = new(this, entry.Export, user);
            entry.Attached.Add(attachment);
            return attachment;
        }
    }

    /// <summary>
    /// Somebody who used an export is to be told of its withdrawal; null when it is withdrawn already.
    /// </summary>
    internal ExportAttachment? AttachRemains(Export export, IExportUser remains)
    {
        lock (_lock)
        {
            if (EntryOf(export) is not { } entry)
            {
                return null;
            }

            ExportAttachment attachment = new(this, export, remains);
            entry.Remains.Add(attachment);
            return attachment;
        }
    }

    internal void Detach(ExportAttachment attachment)
    {
        lock (_lock)
        {
            if (EntryOf(attachment.Export) is { } entry && !entry.Attached.Remove(attachment))
            {
                entry.Remains.Remove(attachment);
            }
        }
    }

    private static void Check(Export export)
    {
        int nameBytes = Encoding.UTF8.GetByteCount(export.Name);
        if (nameBytes is 0 or > Export.NameMaxBytes)
        {
            throw new ArgumentException(
                $"an export's name has 1 to {Export.NameMaxBytes} bytes, this one {nameBytes}",
                nameof(export));
        }

        if (Encoding.UTF8.GetByteCount(export.Description) > Export.DescriptionMaxBytes)
        {
            throw new ArgumentException(
                $"an export's description has at most {Export.DescriptionMaxBytes} bytes", nameof(export));
        }

        if (export.Name.Contains('\0') || export.Description.Contains('\0'))
        {
            throw new ArgumentException("an export's name and description hold no NUL", nameof(export));
        }

        if (export.SizeBytes < 0)
        {
            throw new ArgumentException(
                $"an export's size is not negative: {export.SizeBytes}", nameof(export));
        }
    }

    /// <summary>The entry of this very export, not of a later one of its name.</summary>
    private Entry? EntryOf(Export export) =>
        _entries.Find(entry => ReferenceEquals(entry.Export, export));

    private Entry? FindEntry(string name)
    {
        if (name.Length == 0)
        {
            return _entries.Count == 1 ? _entries[0] : null;
        }

        int index = IndexOf(name);
        return index < 0 ? null : _entries[index];
    }

    private int IndexOf(string name) =>
        _entries.FindIndex(entry => string.Equals(entry.Export.Name, name, StringComparison.Ordinal));

    private sealed class Entry(Export export)
    {
        internal Export Export { get; } = export;

        internal HashSet<ExportAttachment> Attached { get; } = [];

        internal HashSet<ExportAttachment> Remains { get; } = [];
    }
}
