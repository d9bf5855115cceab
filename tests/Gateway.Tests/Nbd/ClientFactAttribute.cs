namespace Replication.Gateway.Tests.Nbd;

/// <summary>A fact that runs a real client; it is skipped, visibly, where that is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClientFactAttribute : FactAttribute
{
    public ClientFactAttribute(string program)
    {
        Program = program;
        if (!File.Exists(System.IO.Path.Combine("/usr/bin", program)))
        {
            Skip = $"{program} is not installed (Debian: qemu-utils, libnbd-bin, python3-libnbd, fio)";
        }
    }

    /// <summary>The client's name in /usr/bin.</summary>
    public string Program { get; }
}
