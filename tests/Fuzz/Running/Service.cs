using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Replication.Fuzz.Running;

/// <summary>
/// The executable under test, as <c>replication demo</c> in a folder of its own, with two volumes.
/// Disposing kills it and removes the folder.
/// </summary>
internal sealed class Service : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    /// <summary>
    /// Bounds the managed heap: a collector that has all of the machine's memory lets much lie, and what
    /// grows could not be told from what lies. Past it the service runs out of memory.
    /// </summary>
    private const long HeapMaxBytes = 1536L << 20;

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly TaskCompletionSource<bool> _ready =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly StringBuilder _errors = new();

    private Service(string folder, string volume, int sizeBytes)
    {
        Folder = folder;
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] arguments =
        [
            Executable(), "demo", "--data", Path.Combine(folder, "data"), "--volume", volume,
            "--size", sizeBytes.ToString(CultureInfo.InvariantCulture), "--nbd", $"unix:{SocketPath}",
        ];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        string hex = HeapMaxBytes.ToString("x", CultureInfo.InvariantCulture);
        start.Environment["DOTNET_GCHeapHardLimit"] = hex;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => TakeOutput(line.Data);
        _process.ErrorDataReceived += (_, line) => _errors.AppendLine(line.Data);
    }

    public string Folder { get; }

    public string SocketPath => Path.Combine(Folder, "nbd.sock");

    public string LogPath => Path.Combine(Folder, "data", "gateway", "log");

    public bool IsRunning => !_process.HasExited;

    /// <summary>What it wrote to the standard error.</summary>
    public string Errors => _errors.ToString();

    /// <summary>Starts it with one volume, and makes the other by QMP.</summary>
    public static async Task<Service> StartAsync(
        string folder, (string Name, int SizeBytes) first, (string Name, int SizeBytes) second)
    {
        Directory.CreateDirectory(folder);
        Service service = new(folder, first.Name, first.SizeBytes);
        try
        {
            service._process.Start();
            service._process.BeginOutputReadLine();
            service._process.BeginErrorReadLine();
            if (!await service._ready.Task.WaitAsync(StartLimit))
            {
                throw new InvalidOperationException($"replication demo did not start: {service.Errors}");
            }

            await service.CreateVolumeAsync(second.Name, second.SizeBytes);
            return service;
        }
        catch
        {
            service.Dispose();
            throw;
        }
    }

    /// <summary>Memory, handles and threads as the kernel counts them.</summary>
    public ResourceSample Sample()
    {
        string[] status = File.ReadAllLines($"/proc/{_process.Id}/status");
        return new ResourceSample(
            Field(status, "VmRSS:") / 1024,
            Directory.GetFiles($"/proc/{_process.Id}/fd").Length,
            (int)Field(status, "Threads:"));
    }

    /// <summary>Ends it as a service manager does; its exit status.</summary>
    public async Task<int> StopAsync()
    {
        string id = _process.Id.ToString(CultureInfo.InvariantCulture);
        using Process kill = Process.Start("kill", ["-TERM", id]);
        using CancellationTokenSource limit = new(StopLimit);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit(StopLimit);
        }

        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static long Field(string[] status, string name) => long.Parse(
        status.Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split(
            [' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    private static string Executable()
    {
        if (Environment.GetEnvironmentVariable("REPLICATION_DLL") is { } named)
        {
            return named;
        }

        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Replication.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder is null
            ? throw new InvalidOperationException("no Replication.sln above the program")
            : Path.Combine(folder, "src/Host/bin/Release/net10.0/replication.dll");
    }

    private async Task CreateVolumeAsync(string name, int sizeBytes)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(Folder, "data", "qmp.sock")));
        using NetworkStream stream = new(socket);
        using StreamReader reader = new(stream);
        await reader.ReadLineAsync();
        string[] commands =
        [
            """{"execute":"qmp_capabilities"}""",
            $$$"""{"execute":"volume-create","arguments":{"name":"{{{name}}}","size":{{{sizeBytes}}}}}""",
        ];
        foreach (string command in commands)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(command + "\n"));
            string? answer;
            do
            {
                answer = await reader.ReadLineAsync();
            }
            while (answer is not null && !answer.StartsWith("""{"return":""", StringComparison.Ordinal)
                && !answer.StartsWith("""{"error":""", StringComparison.Ordinal));
            if (answer is null || answer.Contains("\"error\":", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"{command} was answered: {answer}");
            }
        }
    }

    private void TakeOutput(string? line)
    {
        if (line is null)
        {
            _ready.TrySetResult(false);
        }
        else if (line.StartsWith("ready ", StringComparison.Ordinal))
        {
            _ready.TrySetResult(true);
        }
    }
}
