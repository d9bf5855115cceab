using System.Text.Json;

namespace Replication.Host.Output;

/// <summary>
/// What <c>status</c> prints of the volumes that <c>query-volumes</c> returned: sentences, then a table.
/// </summary>
internal static class StatusReport
{
    /// <summary>Prints every volume.</summary>
    public static void Write(JsonElement volumes, CommandOutput output)
    {
        if (volumes.GetArrayLength() == 0)
        {
            output.Out.WriteLine("There is no volume.");
        }

        bool isFirst = true;
        foreach (JsonElement volume in volumes.EnumerateArray())
        {
            if (!isFirst)
            {
                output.Out.WriteLine();
            }

            isFirst = false;
            foreach (Sentence sentence in VolumeSentences.Of(volume))
            {
                output.Out.WriteLine(sentence.Text);
            }

            output.Out.WriteLine();
            ChildTable.Write(volume, output);
        }
    }
}
