using Spectre.Console;

namespace Replication.Host.Output;

/// <summary>
/// A table as all commands print it: framed and coloured at a terminal that is wide enough, and elsewhere
/// columns that are aligned, with two blanks between them. No cell is ever wrapped or cut.
/// </summary>
/// <param name="headings">One a column.</param>
internal sealed class PlainTable(params string[] headings)
{
    private const string Gap = "  ";

    /// <summary>What a frame takes beside each cell: a line before it, and a blank on both sides.</summary>
    private const int FrameColumns = 3;

    private readonly List<Cell[]> _rows = [];

    /// <summary>Adds a line.</summary>
    /// <param name="cells">As many as there are headings.</param>
    public void Add(params Cell[] cells)
    {
        if (cells.Length != headings.Length)
        {
            throw new InvalidOperationException(
                $"a row has {cells.Length} cells, and the table has {headings.Length} columns");
        }

        _rows.Add(cells);
    }

    /// <summary>Prints it.</summary>
    public void Write(CommandOutput output)
    {
        int[] widths = [.. headings.Select((heading, column) => _rows
            .Select(row => row[column].Text.Length)
            .Append(heading.Length)
            .Max())];
        int framed = widths.Sum() + (FrameColumns * widths.Length) + 1;
        if (output.IsTerminal && framed <= output.Console.Profile.Width)
        {
            output.Console.Write(Framed());
            return;
        }

        WriteLine(headings);
        foreach (Cell[] row in _rows)
        {
            WriteLine(row.Select(static cell => cell.Text));
        }

        void WriteLine(IEnumerable<string> cells) => output.Out.WriteLine(string.Join(
            Gap, cells.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    private Table Framed()
    {
        Table table = new() { Border = TableBorder.Rounded };
        foreach (string heading in headings)
        {
            table.AddColumn(new TableColumn(new Text(heading)).NoWrap());
        }

        foreach (Cell[] row in _rows)
        {
            table.AddRow(row.Select(static cell => new Text(cell.Text, cell.IsGood switch
            {
                true => new Style(Color.Green),
                false => new Style(Color.Red),
                null => Style.Plain,
            })));
        }

        return table;
    }

    /// <summary>What stands in one place of a table.</summary>
    /// <param name="Text">One line.</param>
    /// <param name="IsGood">Green or red at a terminal; null: neither.</param>
    internal readonly record struct Cell(string Text, bool? IsGood = null)
    {
        /// <summary>A cell that is neither good nor bad.</summary>
        public static implicit operator Cell(string text) => new(text);
    }
}
