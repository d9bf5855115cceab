using System.Diagnostics.CodeAnalysis;
using System.Net;
using Replication.Gateway.Listening;
using Replication.Host.Options;

namespace Replication.Host.Configuration;

/// <summary>Where a process serves HTTP, or that it does not.</summary>
/// <param name="Address">HOST:PORT; null for off.</param>
internal readonly record struct HttpChoice(string? Address)
{
    /// <summary>The word for none.</summary>
    public const string OffWord = "off";

    /// <summary>Where it is; null for off.</summary>
    public ListenAddress? Listen => Address is null ? null : ListenAddress.Parse(Address);

    /// <summary>Reads <c>HOST:PORT</c> or <c>off</c>.</summary>
    public static bool TryParse(string text, out HttpChoice choice, [NotNullWhen(false)] out string? error)
    {
        choice = default;
        error = null;
        if (text == OffWord)
        {
            return true;
        }

        if (!OptionParsers.TryParseAddress(text, out ListenAddress? address, out error))
        {
            return false;
        }

        if (address.EndPoint is not IPEndPoint)
        {
            error = "HTTP is served on HOST:PORT, not on a unix socket";
            return false;
        }

        choice = new HttpChoice(text);
        return true;
    }
}
