using System.Globalization;
using Replication.Fuzz.Conversations;
using Replication.Fuzz.Running;

namespace Replication.Fuzz;

/// <summary>What <c>bash tests/nbd-fuzz.sh</c> runs.</summary>
internal sealed class CommandLine(TextWriter output)
{
    private const int ToldBytesMax = 4096;
    private const string Usage = """
        usage: bash tests/nbd-fuzz.sh [OPTIONS]
          --minutes N   how long, such as 10 or 0.5 (default 1)
          --seed S      what the conversations are made of (default 1)
          --clients N   conversations at a time (default 8)
          --case N      this conversation alone, as a failure's message says, told in words first
        """;

    /// <summary>0: nothing was wrong; 1: something was; 2: bad arguments.</summary>
    public async Task<int> RunAsync(string[] args)
    {
        Dictionary<string, double> values = [];
        for (int i = 0; i < args.Length; i += 2)
        {
            bool known = args[i] is "--minutes" or "--seed" or "--clients" or "--case";
            if (!known || i + 1 == args.Length
                || !double.TryParse(args[i + 1], CultureInfo.InvariantCulture, out double value) || value < 0)
            {
                await output.WriteLineAsync(Usage);
                return 2;
            }

            values[args[i]] = value;
        }

        long seed = (long)values.GetValueOrDefault("--seed", 1);
        FuzzOptions options = new(
            seed,
            TimeSpan.FromMinutes(values.GetValueOrDefault("--minutes", 1)),
            Math.Max(1, (int)values.GetValueOrDefault("--clients", 8)));
        if (values.TryGetValue("--case", out double only))
        {
            options = options with { FirstCase = (int)only, CaseMax = 1, ClientCount = 1 };
            FuzzCase told = FuzzRun.CaseOf(seed, options.FirstCase);
            string start = Convert.ToHexString(told.Bytes, 0, Math.Min(told.Bytes.Length, ToldBytesMax));
            await output.WriteLineAsync($"{told}\n{start}");
        }

        FuzzReport report = await new FuzzRun(options, output).RunAsync();
        await output.WriteAsync(report.ToString());
        return report.Failures.Count == 0 ? 0 : 1;
    }
}
