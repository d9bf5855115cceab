using Replication.Actors;

namespace Replication.Gateway.Exports;

/// <summary>A volume as clients see it.</summary>
/// <param name="Name">What clients ask for; 1 to <see cref="NameMaxBytes"/> bytes of UTF-8, no NUL.</param>
/// <param name="SizeBytes">The volume's size; does not change while the export stands.</param>
/// <param name="Volume">Takes RangeRequests and tells the sender exactly one RangeReply.</param>
/// <param name="ReadOnly">True: whatever would change the volume is refused before it reaches it.</param>
/// <param name="Description">For people, shown in lists; may be empty; no NUL.</param>
public sealed record Export(string Name, long SizeBytes, IActorRef Volume, bool ReadOnly, string Description)
{
    /// <summary>Longest name, in bytes of UTF-8: half of what one NBD string may hold.</summary>
    public const int NameMaxBytes = 2048;

    /// <summary>
    /// Longest description, in bytes of UTF-8: with the longest name it fits one NBD string.
    /// </summary>
    public const int DescriptionMaxBytes = 2048;
}
