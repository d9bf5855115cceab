using Spectre.Console;

namespace Replication.Host.Output;

/// <summary>
/// Where a command writes. Only a terminal gets colours and lines that fit it; a file or a pipe gets plain
/// lines, none of them wrapped. Used by one thread at a time.
/// </summary>
public sealed class CommandOutput
{
    /// <summary>Wider than any line that a command prints.</summary>
    public const int PipeWidth = 100_000;

    /// <param name="output">For results.</param>
    /// <param name="error">For sentences about what went wrong.</param>
    /// <param name="isTerminal">Whether <paramref name="output"/> is one.</param>
    public CommandOutput(TextWriter output, TextWriter error, bool isTerminal)
    {
        Out = output;
        Error = error;
        IsTerminal = isTerminal;
        Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        if (!isTerminal)
        {
            Console.Profile.Width = PipeWidth;
            Console.Profile.Capabilities.Unicode = false;
        }
    }

    /// <summary>For lines that are printed as they are.</summary>
    public TextWriter Out { get; }

    /// <summary>For what went wrong.</summary>
    public TextWriter Error { get; }

    /// <summary>For tables and colours.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Whether a person is likely to look.</summary>
    public bool IsTerminal { get; }

    /// <summary>
    /// Opens what a command reads, only for those that read: a terminal is set up for reading by it.
    /// </summary>
    public Func<TextReader> OpenInput { get; init; } = static () => TextReader.Null;

    /// <summary>Whether a person can answer a question.</summary>
    public bool CanAsk { get; init; }

    /// <summary>The output of this process.</summary>
    public static CommandOutput OfProcess()
    {
        bool isTerminal = !System.Console.IsOutputRedirected;
        if (!isTerminal)
        {
            // Whole lines as they come: a reader at the other end of a pipe waits for them.
            System.Console.SetOut(new StreamWriter(System.Console.OpenStandardOutput()) { AutoFlush = true });
        }

        return new CommandOutput(System.Console.Out, System.Console.Error, isTerminal)
        {
            OpenInput = static () => System.Console.In,
            CanAsk = !System.Console.IsInputRedirected && !System.Console.IsErrorRedirected,
        };
    }

    /// <summary>
    /// Asks a question that is answered by y or n, on the standard error: the answer is no part of the
    /// results. Anything but y or yes is no. Only where <see cref="CanAsk"/>.
    /// </summary>
    public bool Confirm(string question)
    {
        Error.Write($"{question} [y/N] ");
        Error.Flush();
        return OpenInput().ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    /// <summary>That a process has ended in good order; nobody may be left to read it.</summary>
    public void WriteStopped()
    {
        try
        {
            Out.WriteLine("stopped");
        }
        catch (IOException)
        {
            // A closed pipe: the end is as good without it.
        }
    }

    /// <summary>One clear line about a failure.</summary>
    public void Fail(string sentence) => Error.WriteLine($"replication: {sentence}");
}
