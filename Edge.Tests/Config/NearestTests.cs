using Edge.Config;

namespace Edge.Tests.Config;

public sealed class NearestTests
{
    [Theory]
    [InlineData("stauts", "status")]
    [InlineData("statu", "status")]
    [InlineData("statuss", "status")]
    [InlineData("STATUS", "status")]
    [InlineData("chekc", "check")]
    [InlineData("realod", "reload")]
    [InlineData("serve", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    [InlineData("statistics", null)]
    public void The_word_that_was_meant_is_found_and_no_other_word(string word, string? meant) =>
        Assert.Equal(meant, Nearest.Of(word, ["status", "check", "reload", "rm"]));

    [Fact]
    public void A_word_that_is_too_long_to_be_mistyped_is_none() => Assert.Null(Nearest.Of(new string('a', 101), [new string('a', 100)]));

    [Fact]
    public void Of_two_the_nearer_one_is_meant_wherever_it_stands()
    {
        Assert.Equal("--health", Nearest.Of("--helth", ["--help", "--health"]));
        Assert.Equal("--health", Nearest.Of("--helth", ["--health", "--help"]));
    }
}
