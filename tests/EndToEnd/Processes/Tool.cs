using System.Diagnostics;
using System.Text;

namespace Replication.EndToEnd.Processes;

/// <summary>Runs the real clients and tools to their end.</summary>
internal static class Tool
{
    /// <summary>No command of these tests takes longer on two cores; one that does hangs.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <summary>Runs a command to whatever end; past the limit it is killed and the test fails.</summary>
    public static ToolResult Run(string file, params string[] arguments) => Run(file, null, arguments);

    /// <summary>The same, with more environment.</summary>
    public static ToolResult Run(
        string file, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var command = $"{file} {string.Join(' ', arguments)}";
        using var process = new Process { StartInfo = StartInfo(file, environment, arguments) };
        StringBuilder output = new(), error = new();
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(error, line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            Assert.Fail($"`{command}` did not end within {Limit.TotalSeconds} s\n{output}\n{error}");
        }

        process.WaitForExit();
        return new ToolResult(command, process.ExitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs a Python script in nbdsh with `h` connected. Debian's bindings belong to Debian's
    /// Python, which need not be the first on the path.</summary>
    public static ToolResult Nbdsh(string uri, string script) => Run(
        "nbdsh",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/bin:/bin:" + Environment.GetEnvironmentVariable("PATH"),
        },
        "-u", uri, "-c", script);

    /// <summary>Runs qemu-io commands on an export, one after the other.</summary>
    public static ToolResult QemuIo(string uri, params string[] commands) =>
        Run("qemu-io", ["-f", "raw", .. commands.SelectMany(command => new[] { "-c", command }), uri]);

    /// <summary>How every process of these tests is started: no shell, all streams redirected.</summary>
    public static ProcessStartInfo StartInfo(
        string file, IReadOnlyDictionary<string, string>? environment, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            info.Environment[name] = value;
        }

        return info;
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.Append(line).Append('\n');
            }
        }
    }
}
