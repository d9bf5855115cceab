using System.Globalization;
using System.Text;
using Replication.Host.Configuration.Hocon;
using Replication.Host.Configuration.Settings;

namespace Replication.Host.Configuration;

/// <summary>
/// Puts a configuration together: the defaults, over them the file, over that the environment, over that
/// <c>--set</c>. Relative paths in it count from the file's folder.
/// </summary>
internal static class ConfigurationLoader
{
    /// <summary>The section that holds everything, so that the file can be part of another one.</summary>
    public const string Root = "replication";

    /// <summary>What variables that stand for settings begin with.</summary>
    public const string VariablePrefix = "REPLICATION_";

    private const string Section = "__";
    private const string SetOption = "--set";
    private const string UnixPrefix = "unix:";

    /// <summary>Reads a file and what overrides it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">What <c>--set</c> had: KEY=VALUE each, a later one wins.</param>
    /// <param name="variables">The environment.</param>
    /// <exception cref="ConfigurationException">Something in it is wrong, or the file cannot be
    /// read.</exception>
    public static ClusterConfiguration Load(
        string path, IReadOnlyList<string> overrides, IReadOnlyDictionary<string, string> variables)
    {
        HoconPosition whole = new(path, 0, 0);
        if (Directory.Exists(path))
        {
            throw new ConfigurationException(whole, "this is a folder: --config names the file in it");
        }

        string text;
        try
        {
            FileInfo file = new(path);
            if (file.Length > HoconReader.LengthMax)
            {
                throw new ConfigurationException(
                    whole, $"it has {file.Length} bytes, and at most {HoconReader.LengthMax} are read");
            }

            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(whole, $"the configuration cannot be read: {failure.Message}");
        }
        catch (DecoderFallbackException)
        {
            throw new ConfigurationException(whole, "the configuration is not UTF-8");
        }

        ClusterConfiguration read = Read(text, path, overrides, variables);
        return Resolve(read, Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>The same for a text; relative paths stay as they are.</summary>
    /// <exception cref="ConfigurationException">Something in it is wrong.</exception>
    public static ClusterConfiguration Read(
        string text,
        string source,
        IReadOnlyList<string> overrides,
        IReadOnlyDictionary<string, string> variables)
    {
        try
        {
            return ReadOnce(text, source, overrides, variables);
        }
        catch (ConfigurationException wrong)
            when (overrides.Count > 0
                && !wrong.Position.Source.StartsWith(SetOption, StringComparison.Ordinal))
        {
            if (Culprit(text, source, overrides, variables) is { } pair)
            {
                throw new ConfigurationException(PositionOf(pair), wrong.Sentence);
            }

            throw;
        }
    }

    /// <summary>
    /// The override without which what stands before it can be used: the wrong thing is its doing, wherever
    /// it shows. Null when the file and the environment are wrong by themselves.
    /// </summary>
    private static string? Culprit(
        string text,
        string source,
        IReadOnlyList<string> overrides,
        IReadOnlyDictionary<string, string> variables)
    {
        for (int count = 0; count < overrides.Count; count++)
        {
            try
            {
                ReadOnce(text, source, [.. overrides.Take(count)], variables);
            }
            catch (ConfigurationException)
            {
                return count == 0 ? null : overrides[count - 1];
            }
        }

        return overrides[^1];
    }

    private static ClusterConfiguration ReadOnce(
        string text,
        string source,
        IReadOnlyList<string> overrides,
        IReadOnlyDictionary<string, string> variables)
    {
        HoconObject document = HoconReader.Read(text, source, variables.GetValueOrDefault);
        TakeVariables(document, variables);
        foreach (string pair in overrides)
        {
            TakeOverride(document, pair);
        }

        HoconObject settings = new(new HoconPosition(source, 0, 0));
        foreach (HoconMember member in document.Members)
        {
            if (member.Name != Root)
            {
                throw new ConfigurationException(
                    member.Position,
                    $"'{member.Name}' is no part of it: all settings are in {Root} {{ ... }}");
            }

            settings = member.Value as HoconObject ?? throw new ConfigurationException(
                member.Value.Position, $"{Root} is a section: {Root} {{ ... }} would be right");
        }

        ClusterConfiguration read = ClusterSettings.All.Apply(new ClusterConfiguration(), settings, "");
        return ConfigurationCheck.Problem(read) is { } problem
            ? throw new ConfigurationException(settings.Position, problem)
            : read;
    }

    /// <summary>
    /// The variable that stands for a setting: <c>gateway.child-timeout</c> is
    /// <c>REPLICATION_GATEWAY__CHILD_TIMEOUT</c>.
    /// </summary>
    public static string VariableOf(string setting) => VariablePrefix + setting
        .ToUpper(CultureInfo.InvariantCulture)
        .Replace(".", Section, StringComparison.Ordinal)
        .Replace('-', '_');

    private static void TakeVariables(HoconObject document, IReadOnlyDictionary<string, string> variables)
    {
        Dictionary<string, string> settings = ClusterSettings.All.Paths.ToDictionary(
            VariableOf, static path => path, StringComparer.Ordinal);
        foreach ((string name, string text) in variables.OrderBy(
            static variable => variable.Key, StringComparer.Ordinal))
        {
            // Other variables of ours, such as REPLICATION_QMP, have no section in their name.
            if (!name.StartsWith(VariablePrefix, StringComparison.Ordinal)
                || !name.Contains(Section, StringComparison.Ordinal))
            {
                continue;
            }

            HoconPosition position = new($"${name}", 0, 0);
            if (!settings.TryGetValue(name, out string? path))
            {
                throw new ConfigurationException(
                    position,
                    "no setting has this variable; "
                        + (NearestName.IfNear(name, settings.Keys) is { } near ? $"${near} is the nearest"
                            : "docs/configuration.md says how they are called"));
            }

            Put(document, path, position, HoconReader.ReadValue(text, position.Source));
        }
    }

    private static HoconPosition PositionOf(string pair) => new($"{SetOption} {pair}", 0, 0);

    private static void TakeOverride(HoconObject document, string pair)
    {
        int equals = pair.IndexOf('=', StringComparison.Ordinal);
        HoconPosition position = PositionOf(pair);
        if (equals <= 0)
        {
            throw new ConfigurationException(
                position, "KEY=VALUE was expected, as in gateway.child-timeout=2s");
        }

        string path = pair[..equals].Trim();
        if (path.StartsWith($"{Root}.", StringComparison.Ordinal))
        {
            path = path[(Root.Length + 1)..];
        }

        if (path.Split('.').Any(static name => name.Length is 0 or > HoconReader.NameLengthMax)
            || path.Split('.').Length >= HoconReader.DepthMax)
        {
            throw new ConfigurationException(position, $"'{path}' is no setting's name");
        }

        Put(document, path, position, HoconReader.ReadValue(pair[(equals + 1)..], position.Source));
    }

    private static void Put(HoconObject document, string path, HoconPosition position, HoconValue value) =>
        document.Put([Root, .. path.Split('.')], position, value);

    private static ClusterConfiguration Resolve(ClusterConfiguration read, string folder) => read with
    {
        NbdListen = Address(read.NbdListen, folder),
        QmpListen = Address(read.QmpListen, folder),
        Nodes = [.. read.Nodes.Select(node => node with
        {
            Listen = node.Listen is null ? null : Address(node.Listen, folder),
            Data = Path.Combine(folder, node.Data),
            Log = node.Log is null ? null : Path.Combine(folder, node.Log),
        })],
    };

    private static string Address(string address, string folder) =>
        address.StartsWith(UnixPrefix, StringComparison.Ordinal)
            ? UnixPrefix + Path.Combine(folder, address[UnixPrefix.Length..])
            : address;
}
