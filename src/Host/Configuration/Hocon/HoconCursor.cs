namespace Replication.Host.Configuration.Hocon;

/// <summary>A place in a text, which only moves on and knows its line and column.</summary>
internal sealed class HoconCursor(string text, string source)
{
    /// <summary>
    /// What <see cref="Peek"/> gives at the end; <see cref="HoconReader"/> lets no text have it.
    /// </summary>
    public const char End = '\0';

    private int _index;
    private int _line = 1;
    private int _column = 1;

    /// <summary>Here.</summary>
    public HoconPosition Position => new(source, _line, _column);

    /// <summary>The character here, or one further on; <see cref="End"/> past the last one.</summary>
    public char Peek(int ahead = 0) => _index + ahead < text.Length ? text[_index + ahead] : End;

    /// <summary>The character here, and moves past it; at the end it stays there.</summary>
    public char Take()
    {
        char taken = Peek();
        if (taken != End)
        {
            _index++;
            (_line, _column) = taken == '\n' ? (_line + 1, 1) : (_line, _column + 1);
        }

        return taken;
    }

    /// <summary>Moves past blanks within the line.</summary>
    public void SkipBlanks()
    {
        while (IsBlank(Peek()))
        {
            Take();
        }
    }

    /// <summary>Moves past blanks, ends of lines and comments.</summary>
    /// <returns>True if a line ended on the way.</returns>
    public bool SkipToContent()
    {
        int line = _line;
        while (true)
        {
            SkipBlanks();
            if (IsComment())
            {
                while (Peek() is not ('\n' or End))
                {
                    Take();
                }
            }
            else if (Peek() == '\n')
            {
                Take();
            }
            else
            {
                return _line != line;
            }
        }
    }

    /// <summary>True where a comment begins.</summary>
    public bool IsComment() => Peek() == '#' || (Peek() == '/' && Peek(1) == '/');

    /// <summary>True for what separates words within a line, the mark of UTF-8 included.</summary>
    public static bool IsBlank(char character) =>
        character is '\uFEFF' || (character != '\n' && char.IsWhiteSpace(character));
}
