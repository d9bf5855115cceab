using Replication.Host.Configuration.Hocon;

namespace Replication.Host.Configuration.Settings;

/// <summary>
/// All settings of one kind of section, and how a section is read by them: a name that is not there is an
/// error that names the one that was probably meant.
/// </summary>
internal sealed class SettingTable<TRoot>
{
    private readonly Dictionary<string, Setting<TRoot>> _settings;
    private readonly HashSet<string> _sections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SectionReader<TRoot>> _readers;

    /// <param name="settings">The settings.</param>
    /// <param name="readers">Sections whose members have names that users choose.</param>
    public SettingTable(
        IReadOnlyList<Setting<TRoot>> settings,
        IReadOnlyDictionary<string, SectionReader<TRoot>>? readers = null)
    {
        _settings = settings.ToDictionary(static setting => setting.Path, StringComparer.Ordinal);
        _readers = new(readers ?? new Dictionary<string, SectionReader<TRoot>>(), StringComparer.Ordinal);
        foreach (Setting<TRoot> setting in settings)
        {
            for (int dot = setting.Path.IndexOf('.', StringComparison.Ordinal); dot > 0;
                dot = setting.Path.IndexOf('.', dot + 1))
            {
                _sections.Add(setting.Path[..dot]);
            }
        }

        Paths = [.. settings.Select(static setting => setting.Path)];
    }

    /// <summary>Every setting's dotted name, in the table's order.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>The configuration with all that a section says.</summary>
    /// <param name="root">What holds where the section says nothing.</param>
    /// <param name="section">The section.</param>
    /// <param name="title">What stands in front of names in errors: empty, or ends in a dot.</param>
    /// <exception cref="ConfigurationException">A name is unknown or a value wrong.</exception>
    public TRoot Apply(TRoot root, HoconObject section, string title) => Apply(root, section, title, "");

    private TRoot Apply(TRoot root, HoconObject section, string title, string prefix)
    {
        foreach (HoconMember member in section.Members)
        {
            string path = prefix + member.Name;
            if (_settings.TryGetValue(path, out Setting<TRoot>? setting))
            {
                root = setting.Apply(root, title + path, member.Value);
            }
            else if (!_sections.Contains(path) && !_readers.ContainsKey(path))
            {
                string nearest = NearestName.Hint(
                    title + path,
                    Paths.Concat(_sections).Concat(_readers.Keys).Select(name => title + name),
                    otherwise: "cluster.hocon has them all");
                throw new ConfigurationException(
                    member.Position, $"there is no setting '{title}{path}'; {nearest}");
            }
            else if (member.Value is not HoconObject inner)
            {
                throw new ConfigurationException(
                    member.Value.Position,
                    $"{title}{path} is a section: {member.Name} {{ ... }} would be right");
            }
            else
            {
                root = _readers.TryGetValue(path, out SectionReader<TRoot>? reader)
                    ? reader(root, inner)
                    : Apply(root, inner, title, path + ".");
            }
        }

        return root;
    }
}

/// <summary>Reads a section whose members have names that users choose.</summary>
internal delegate TRoot SectionReader<TRoot>(TRoot root, HoconObject section);
