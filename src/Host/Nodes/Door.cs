using Replication.Gateway.Listening;

namespace Replication.Host.Nodes;

/// <summary>Opens what listens; a refusal names the option or setting by which another address is chosen.
/// </summary>
internal static class Door
{
    /// <summary>Opens a door that says where it is.</summary>
    /// <exception cref="ListenException">The address cannot be had.</exception>
    public static T Open<T>(string setting, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (ListenException refused)
        {
            throw Named(setting, refused);
        }
    }

    /// <summary>Opens a door.</summary>
    /// <exception cref="ListenException">The address cannot be had.</exception>
    public static void Open(string setting, Action open) => Open(setting, () =>
    {
        open();
        return true;
    });

    /// <summary>Opens a door that takes its time.</summary>
    /// <exception cref="ListenException">The address cannot be had.</exception>
    public static async Task<T> OpenAsync<T>(string setting, Func<Task<T>> open)
    {
        try
        {
            return await open();
        }
        catch (ListenException refused)
        {
            throw Named(setting, refused);
        }
    }

    private static ListenException Named(string setting, ListenException refused) =>
        new($"{setting}: {refused.Message}");
}
