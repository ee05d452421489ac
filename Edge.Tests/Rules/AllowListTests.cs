namespace Edge.Tests.Rules;

public class AllowListTests
{
    private static readonly Finding[] s_found = [new("a", "a is wrong"), new("b", "b has 90 lines", 90)];

    [Fact]
    public void What_is_not_allowed_is_reported() => Assert.Equal(["a is wrong", "b has 90 lines"], AllowList.Check(s_found, []));

    [Fact]
    public void What_is_allowed_is_not_reported() => Assert.Empty(AllowList.Check(s_found, [new("a", "why"), new("b", "why", 90)]));

    [Fact]
    public void An_exception_that_is_not_needed_is_reported() =>
        Assert.Equal(["c needs no exception any more"], AllowList.Check(s_found, [new("a", "why"), new("b", "why", 90), new("c", "why")]));

    [Theory]
    [InlineData(89, "b has 90 lines; its exception is for 89")]
    [InlineData(91, "b: the exception is for 91, and 90 is enough by now")]
    public void A_number_holds_exactly_so_that_it_gets_smaller_with_what_it_is_for(int size, string expected) =>
        Assert.Equal([expected], AllowList.Check(s_found, [new("a", "why"), new("b", "why", size)]));
}
