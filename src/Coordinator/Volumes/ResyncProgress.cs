namespace Replication.Coordinator.Volumes;

/// <summary>How far the copying to one child is (P20).</summary>
/// <param name="DoneBytes">Copied, or found equal.</param>
/// <param name="ToDoBytes">Still to be copied, as far as known: it grows while regions are listed.</param>
/// <param name="CopiedBytes">Of those done, what had to be written.</param>
/// <param name="BytesPerSecond">Done a second, over the last few seconds.</param>
/// <param name="SecondsLeft">At this rate; null while there is none, and while regions are still listed.
/// </param>
public sealed record ResyncProgress(
    long DoneBytes, long ToDoBytes, long CopiedBytes, long BytesPerSecond, long? SecondsLeft);
