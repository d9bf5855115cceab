using System.Diagnostics;
using System.Text.Json;
using Replication.Model.Scenarios;
using Replication.Model.Search;
using Replication.Model.Steps;

namespace Replication.Model;

/// <summary>
/// What <c>bash tests/model.sh</c> runs: searches with a rule taken out, then with all rules in.
/// </summary>
internal sealed class CommandLine(TextWriter output)
{
    private const int StatesMax = 40_000_000;
    private const string Usage = """
        usage: bash tests/model.sh [OPTIONS]
          (nothing)        every rule taken out once, then the small searches with all rules in
          --all            the same, and the large searches: some minutes
          --scenario NAME  one rule taken out, or one search; with the steps to what it finds
          --list           the names
          --bounds TEXT    a search of your own, say Children=3,Threshold=2,Losses=2,Resync
          --without RULE   with --bounds: the rule that is taken out
          --recover TEXT   within these bounds: can every state recover (I8)?
          --json FILE      the results as JSON
        """;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly List<Row> _rows = [];

    /// <summary>One search as it is reported.</summary>
    private sealed record Row(
        string Name,
        string Bounds,
        bool Good,
        string Found,
        bool Complete,
        int States,
        int Depth,
        double Seconds,
        IReadOnlyList<string> Steps);

    /// <summary>
    /// Runs what the arguments say; 0 when every search ended as it must, 1 if not, 2 for bad arguments.
    /// </summary>
    public int Run(string[] args)
    {
        var options = new Dictionary<string, string>();
        for (var i = 0; i < args.Length; i++)
        {
            var alone = args[i] is "--all" or "--list" or "--help" or "-h";
            var takesText = args[i] is "--scenario" or "--json" or "--bounds" or "--without" or "--recover";
            if (!alone && (!takesText || i + 1 == args.Length))
            {
                output.WriteLine(Usage);
                return 2;
            }

            options[args[i]] = alone ? "" : args[++i];
        }

        if (options.ContainsKey("--help") || options.ContainsKey("-h"))
        {
            output.WriteLine(Usage);
            return 0;
        }

        if (options.ContainsKey("--list"))
        {
            List();
            return 0;
        }

        if (options.TryGetValue("--recover", out var recovery))
        {
            var bounds = BoundsText.Parse(recovery);
            return Recover("yours", Rules.All, bounds, Invariant.None) ? 0 : 1;
        }

        var without = options.GetValueOrDefault("--without");
        var good = options.TryGetValue("--bounds", out var text) ? RunBounds(text, without)
            : options.TryGetValue("--scenario", out var name) ? RunOne(name)
            : RunMany(options.ContainsKey("--all"));
        if (options.TryGetValue("--json", out var file))
        {
            File.WriteAllText(file, JsonSerializer.Serialize(_rows, Indented));
        }

        return good ? 0 : 1;
    }

    private void List()
    {
        foreach (var scenario in RemovedRules.All)
        {
            output.WriteLine($"{scenario.Name,-20} without it: {scenario.Story}");
        }

        foreach (var (name, bounds) in AllRules.Small.Concat(AllRules.Large))
        {
            output.WriteLine($"{name,-20} all rules; {BoundsText.Of(bounds)}");
        }
    }

    private bool RunMany(bool large)
    {
        var good = true;
        foreach (var scenario in RemovedRules.All)
        {
            good &= Search(scenario, tellSteps: false);
        }

        foreach (var (name, bounds) in large ? AllRules.Small.Concat(AllRules.Large) : AllRules.Small)
        {
            good &= Search(name, Rules.All, bounds, Invariant.None, tellSteps: true);
        }

        foreach (var name in AllRules.Recovering)
        {
            good &= Recover($"{name} (I8)", Rules.All, AllRules.Small[name], Invariant.None);
        }

        output.WriteLine($"{_rows.Count} searches, {_rows.Count(row => !row.Good)} did not end as they must");
        return good;
    }

    private bool RunOne(string name)
    {
        if (RemovedRules.All.FirstOrDefault(scenario => scenario.Name == name) is { } found)
        {
            return Search(found, tellSteps: true);
        }

        if (AllRules.Small.TryGetValue(name, out var bounds) || AllRules.Large.TryGetValue(name, out bounds))
        {
            return Search(name, Rules.All, bounds, Invariant.None, tellSteps: true);
        }

        output.WriteLine($"no scenario {name}; --list names them");
        return false;
    }

    private bool RunBounds(string text, string? without)
    {
        var rules = Rules.All;
        if (without != null)
        {
            rules = RemovedRules.All.FirstOrDefault(scenario => scenario.Name == without)?.Rules ?? rules;
        }

        return Search(without ?? "all rules", rules, BoundsText.Parse(text), Invariant.None, tellSteps: true);
    }

    private bool Recover(
        string name, Rules rules, Bounds bounds, Invariant finds, bool tellSteps = true, string? story = null)
    {
        var clock = Stopwatch.StartNew();
        var search = new RecoverySearch(rules, bounds);
        var stuck = search.Run();
        var seconds = clock.Elapsed.TotalSeconds;
        var found = stuck.Count == 0 ? Invariant.None : Invariant.I8;
        var good = found == finds;
        var recover = stuck.Count == 0 ? "each of them can recover" : "not each can recover";
        var told = $"{search.States,9} states, {recover}, {seconds:F1} s{Story(story)}";
        Report(name, good, stuck.Count == 0 ? "nothing" : $"I8 in {stuck.Count} steps", told);
        Tell(tellSteps ? stuck : []);
        _rows.Add(new Row(
            name,
            BoundsText.Of(bounds),
            good,
            found.ToString(),
            true,
            search.States,
            stuck.Count,
            seconds,
            stuck));
        return good;
    }

    private static string Story(string? story) => story == null ? "" : $"  {story}";

    private void Report(string name, bool good, string found, string rest) =>
        output.WriteLine($"{(good ? "ok " : "BAD")} {name,-24} {found,-15} {rest}");

    private void Tell(IEnumerable<string> steps)
    {
        foreach (var step in steps)
        {
            output.WriteLine($"       {step}");
        }
    }

    private bool Search(Scenario scenario, bool tellSteps)
    {
        var (name, story, rules, finds, bounds) = scenario;
        return finds == Invariant.I8
            ? Recover(name, rules, bounds, finds, tellSteps, story)
            : Search(name, rules, bounds, finds, tellSteps, story);
    }

    private bool Search(
        string name, Rules rules, Bounds bounds, Invariant finds, bool tellSteps, string? story = null)
    {
        var clock = Stopwatch.StartNew();
        var result = new Explorer(rules, bounds, StatesMax, finds).Run();
        var seconds = clock.Elapsed.TotalSeconds;
        var good = result.Broken == finds && result.Complete;
        var found = result.Broken == Invariant.None ? "nothing" : $"{result.Broken} in {result.Depth} steps";
        var all = result.Complete ? ", all there are" : ", NOT all there are";
        all = result.Broken == Invariant.None ? all : "";
        Report(name, good, found, $"{result.States,9} states{all}, {seconds:F1} s{Story(story)}");
        Tell(tellSteps ? result.Trace : []);

        _rows.Add(new Row(
            name,
            BoundsText.Of(bounds),
            good,
            result.Broken.ToString(),
            result.Complete,
            result.States,
            result.Depth,
            seconds,
            result.Trace));
        return good;
    }
}
