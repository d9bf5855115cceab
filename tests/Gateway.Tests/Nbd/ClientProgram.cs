using System.Diagnostics;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>Programs of /usr/bin that speak NBD.</summary>
internal static class ClientProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What a program prints, which must succeed.</summary>
    internal static async Task<string> RunAsync(string program, params string[] arguments)
    {
        (int exitCode, string output, string errors) = await TryAsync(program, arguments);
        Assert.True(exitCode == 0, $"{program} exits {exitCode}: {errors}{output}");
        return output;
    }

    /// <summary>How a program ends; libnbd tells all that it sees.</summary>
    internal static async Task<(int ExitCode, string Output, string Errors)> TryAsync(
        string program, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine("/usr/bin", program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment = { ["LIBNBD_DEBUG"] = "1" },
        };
        using CancellationTokenSource limit = new(Patience);
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
            string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            string complaint = await errors;
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, output, complaint);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
