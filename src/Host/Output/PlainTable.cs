using Spectre.Console;

namespace Replication.Host.Output;

/// <summary>Tables as all commands print them: no cell wraps, and a pipe gets plain ASCII.</summary>
internal static class PlainTable
{
    /// <summary>An empty table with these headings.</summary>
    public static Table Create(CommandOutput output, params string[] headings)
    {
        Table table = new() { Border = output.IsTerminal ? TableBorder.Rounded : TableBorder.Ascii };
        foreach (string heading in headings)
        {
            table.AddColumn(new TableColumn(heading).NoWrap());
        }

        return table;
    }

    /// <summary>A word that is green when it is good and red when it is not.</summary>
    public static Text Judged(string word, bool isGood) =>
        new(word, new Style(isGood ? Color.Green : Color.Red));
}
