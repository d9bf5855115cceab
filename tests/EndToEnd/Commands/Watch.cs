using System.Diagnostics;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Commands;

/// <summary>A running `status --watch` into a pipe; disposing kills it.</summary>
internal sealed class Watch : IDisposable
{
    private readonly Process _process;
    private readonly List<string> _lines = [];

    public Watch(LocalNodes nodes)
    {
        var qmp = $"unix:{Path.Combine(nodes.Folder, "qmp.sock")}";
        _process = new Process
        {
            StartInfo = Tool.StartInfo(
                "dotnet", null, [Executable.Path, "status", "--watch", "--qmp", qmp]),
        };
        _process.OutputDataReceived += (_, line) =>
        {
            lock (_lines)
            {
                _lines.Add(line.Data ?? "");
            }
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits until a line has that text.</summary>
    public void Await(string text) => Eventually.True(
        () => Lines().Any(line => line.Contains(text, StringComparison.Ordinal)),
        () => $"'{text}' is not in\n{string.Join('\n', Lines())}");

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private string[] Lines()
    {
        lock (_lines)
        {
            return [.. _lines];
        }
    }
}
