using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Replication.Host.Configuration;
using Replication.Host.Configuration.Hocon;

namespace Replication.Host.Tests.Configuration;

public sealed class HoconReaderTests
{
    [Theory]
    [InlineData("", "{}")]
    [InlineData("{ }", "{}")]
    [InlineData("a = 1", "{a:'1'}")]
    [InlineData("a : 1 # a comment", "{a:'1'}")]
    [InlineData("a = 5 s // a comment", "{a:'5 s'}")]
    [InlineData("{ a = 1, b = 2 }", "{a:'1',b:'2'}")]
    [InlineData("a {\n b = 1\n c { d = x }\n}\n", "{a:{b:'1',c:{d:'x'}}}")]
    [InlineData("a = {\n b = 1 }", "{a:{b:'1'}}")]
    [InlineData("a =\n{ b = 1 }", "{a:{b:'1'}}")]
    [InlineData("a.b.c = 1", "{a:{b:{c:'1'}}}")]
    [InlineData("a.\"x.y\".c = 1", "{a:{x.y:{c:'1'}}}")]
    [InlineData("a = \"# no comment { \\\" \\\\ \\u0041\\n\"", "{a:'# no comment { \" \\ A\n'}")]
    [InlineData("a = [ 1, two , \"3\" ]", "{a:['1','two','3']}")]
    [InlineData("a = [\n 1\n 2\n]", "{a:['1','2']}")]
    [InlineData("a = [ { b = 1 }, [ ] ]", "{a:[{b:'1'},[]]}")]
    [InlineData("a = 1\na = 2", "{a:'2'}")]
    [InlineData("a { b = 1 }\na { c = 2 }", "{a:{b:'1',c:'2'}}")]
    [InlineData("a.b = 1\na = 2", "{a:'2'}")]
    [InlineData("a = 1\r\nb = 2\r\n", "{a:'1',b:'2'}")]
    [InlineData("\uFEFFa = 1", "{a:'1'}")]
    [InlineData("a = unix/path", "{a:'unix/path'}")]
    [InlineData("include = 1", "{include:'1'}")]
    [InlineData("a = ${?HERE}\nb = ${?NOWHERE}\nc = [${?NOWHERE}, ${?HERE}]", "{a:'v',c:['v']}")]
    [InlineData("a = 1\na = ${?NOWHERE}", "{a:'1'}")]
    public void A_text_is_a_tree(string text, string tree)
    {
        Assert.Equal(tree, Show(Read(text)));
    }

    [Theory]
    [InlineData("a", 1, 2, "'=', ':' or '{' was expected after a, the text ends")]
    [InlineData("a b = 1", 1, 3, "'=', ':' or '{' was expected after a, 'b' is there")]
    [InlineData("x = 1\n a =\nb = 2", 2, 5, "a value was expected, the line ends")]
    [InlineData("a = ", 1, 5, "a value was expected, the text ends")]
    [InlineData("a = 1 = 2", 1, 7, "a text with '=' in it is to be quoted, as in \"127.0.0.1:10809\"")]
    [InlineData("a = 1.2.3.4:5", 1, 12, "a text with ':' in it is to be quoted, as in \"127.0.0.1:10809\"")]
    [InlineData("a {\n b = 1\n", 3, 1, "the text ends, and '}' is missing for the '{' at 1:3")]
    [InlineData("a {\n b { c = 1 \n}", 3, 2, "the text ends, and '}' is missing for the '{' at 1:3")]
    [InlineData("a = 1 }", 1, 7, "a new line or ',' was expected, '}' is there")]
    [InlineData("{ a = 1 } b", 1, 11, "the end of the text was expected, 'b' is there")]
    [InlineData("a { } b = 1", 1, 7, "a new line or ',' was expected, 'b' is there")]
    [InlineData("a = \"x\" y", 1, 9, "a new line or ',' was expected, 'y' is there")]
    [InlineData("a = [ 1 \"x\" ]", 1, 9, "a text with '\"' in it is to be quoted, as in \"127.0.0.1:10809\"")]
    [InlineData("a = [ 1,", 1, 9, "the text ends, and ']' is missing for the '[' at 1:5")]
    [InlineData("a = \"x", 1, 5, "the text that begins here has no closing quote")]
    [InlineData("a = \"x\ny\"", 1, 5, "the text that begins here has no closing quote")]
    [InlineData("a = \"\\x\"", 1, 6, "no such escape")]
    [InlineData("a = \"\\u12\"", 1, 6, "\\u wants four hexadecimal digits")]
    [InlineData("a = \"\"\"x\"\"\"", 1, 5, "texts in three quotes are not read")]
    [InlineData("a += 1", 1, 3, "'+=' is not read: write the whole list")]
    [InlineData("include \"other\"", 1, 8, "'include' is not read: all settings are in one file")]
    [InlineData("a = ${b}", 1, 5, "of substitutions only ${?NAME} is read")]
    [InlineData("a = ${?b", 1, 9, "'}' was expected, the text ends")]
    [InlineData("a..b = 1", 1, 3, "a name was expected, '.' is there")]
    [InlineData("ä = 1", 1, 1, "a name was expected, 'ä' is there")]
    public void What_is_wrong_has_its_line_and_column(string text, int line, int column, string sentence)
    {
        ConfigurationException wrong = Assert.Throws<ConfigurationException>(() => Read(text));

        Assert.StartsWith(
            string.Create(CultureInfo.InvariantCulture, $"f.hocon:{line}:{column}: {sentence}"),
            wrong.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("a.")]
    [InlineData("a{")]
    public void Depth_is_bounded(string opening)
    {
        string deep = "a = " + string.Concat(Enumerable.Repeat(opening, 100_000));
        string text = opening == "[" ? deep : deep["a = ".Length..];

        Assert.Contains(
            "at most 32 within each other",
            Assert.Throws<ConfigurationException>(() => Read(text)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_or_name_that_is_too_long_is_refused()
    {
        Assert.Contains("at most 1048576 are read", Refusal(new string(' ', (1 << 20) + 1)), Ordinal);
        Assert.Contains("a name has at most 128", Refusal(new string('a', 129) + " = 1"), Ordinal);
        Assert.Contains("f.hocon:2:2: a character 0", Refusal("a\nb\0"), Ordinal);
    }

    [Fact]
    public void No_text_does_anything_but_be_read_or_refused_with_its_place()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), AnyText).QuickCheckThrowOnFailure();
        Prop.ForAll(Pieces.ToArbitrary(), AnyText).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        Prop.ForAll(
            Trees.ToArbitrary(),
            static tree => Show(Read(Write(tree))) == Show(tree))
            .QuickCheckThrowOnFailure();
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    /// <summary>Texts that are nearly right, put together from what the reader knows.</summary>
    private static Gen<string> Pieces => Gen.Elements(
            "a", "b.c", "{", "}", "[", "]", "=", ":", ",", "\n", " ", "\"", "\"x\"", "\\", "#c\n", "//",
            "${?HERE}", "${", "+=", "include", "5 s", "\r", "\u00e4", "\ud800", "\0", ".", "replication")
        .ListOf()
        .Select(static pieces => string.Concat(pieces));

    private static Gen<HoconObject> Trees => Gen.Sized(static size => ObjectOf(Math.Min(size, 4)));

    private static Gen<HoconObject> ObjectOf(int depth) =>
        from members in (
            from name in ArbMap.Default.GeneratorFor<NonNull<string>>()
            from value in ValueOf(depth - 1)
            select (Name: Safe(name.Get), Value: value)).ListOf()
        select ObjectOf(members);

    private static HoconObject ObjectOf(IEnumerable<(string Name, HoconValue Value)> members)
    {
        HoconObject made = new(default);
        foreach ((string name, HoconValue value) in members.DistinctBy(static member => member.Name))
        {
            made.Put([name], default, value);
        }

        return made;
    }

    private static Gen<HoconValue> ValueOf(int depth)
    {
        Gen<HoconValue> text = ArbMap.Default.GeneratorFor<NonNull<string>>()
            .Select(static words => (HoconValue)new HoconText(default, Safe(words.Get)));
        return depth <= 0 ? text : Gen.OneOf(
            text,
            ObjectOf(depth).Select(static section => (HoconValue)section),
            ValueOf(depth - 1).ListOf().Select(
                static items => (HoconValue)new HoconList(default, [.. items])));
    }

    /// <summary>Without what no text may have, and no longer than a name.</summary>
    private static string Safe(string text) =>
        new([.. text.Where(static letter => letter != '\0').Take(HoconReader.NameLengthMax)]);

    private static bool AnyText(string? text)
    {
        try
        {
            Read(text ?? "");
            return true;
        }
        catch (ConfigurationException wrong)
        {
            return wrong.Message.StartsWith("f.hocon", StringComparison.Ordinal);
        }
    }

    private static HoconObject Read(string text) =>
        HoconReader.Read(text, "f.hocon", static name => name == "HERE" ? "v" : null);

    private static string Refusal(string text) =>
        Assert.Throws<ConfigurationException>(() => Read(text)).Message;

    private static string Show(HoconValue value) => value switch
    {
        HoconText text => $"'{text.Text}'",
        HoconList list => $"[{string.Join(',', list.Items.Select(Show))}]",
        HoconObject section => "{"
            + string.Join(',', section.Members.Select(static one => $"{one.Name}:{Show(one.Value)}")) + "}",
        _ => throw new InvalidOperationException(value.GetType().Name),
    };

    private static string Write(HoconValue value) => value switch
    {
        HoconText text => Quoted(text.Text),
        HoconList list => $"[{string.Join(", ", list.Items.Select(Write))}]",
        HoconObject section => "{"
            + string.Concat(section.Members.Select(
                static one => $"\n{Quoted(one.Name)} = {Write(one.Value)}")) + "\n}",
        _ => throw new InvalidOperationException(value.GetType().Name),
    };

    private static string Quoted(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char letter in text)
        {
            quoted.Append(letter is '"' or '\\' ? $"\\{letter}"
                : char.IsControl(letter) ? $"\\u{(int)letter:X4}"
                : $"{letter}");
        }

        return quoted.Append('"').ToString();
    }
}
