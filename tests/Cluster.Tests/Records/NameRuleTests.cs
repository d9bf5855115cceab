using Replication.Cluster.Records;

namespace Replication.Cluster.Tests.Records;

/// <summary>What volumes and nodes may be called.</summary>
public sealed class NameRuleTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("vm-1_root.img")]
    [InlineData("a..")]
    public void Letters_digits_dots_dashes_and_underscores_make_a_name(string name) =>
        Assert.Null(NameRule.Error(name));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("-a")]
    [InlineData("_a")]
    [InlineData("A")]
    [InlineData("aB")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a\n")]
    [InlineData("ä")]
    [InlineData("aé")]
    [InlineData("a٣")]
    public void Nothing_else_does(string name) => Assert.NotNull(NameRule.Error(name));

    [Fact]
    public void Sixty_four_characters_are_the_most()
    {
        Assert.Null(NameRule.Error(new string('a', 64)));
        Assert.Equal(
            "a name has at most 64 characters, this one has 65", NameRule.Error(new string('a', 65)));
    }
}
