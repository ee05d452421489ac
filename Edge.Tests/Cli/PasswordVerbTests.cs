using System.Text;
using Edge.Cli;
using Edge.Config;
using Edge.Io;

namespace Edge.Tests.Cli;

/// <summary><c>edge hash-password</c>.</summary>
public sealed class PasswordVerbTests
{
    private const string Password = "correct horse battery";

    private static (int Code, string Output, string Errors) Run(string input, params string[] arguments)
    {
        using StringWriter output = new(), errors = new();
        return (PasswordVerb.Run(arguments, new StringReader(input), output, errors), output.ToString(), errors.ToString());
    }

    [Fact]
    public void It_prints_an_item_that_the_password_alone_fits()
    {
        (int code, string output, string errors) = Run(Password + "\n", "ann");
        Assert.Equal((0, ""), (code, errors));
        AccessUser user = AccessOptions.ParseUser(output.TrimEnd())!;
        Assert.Equal("ann", Encoding.UTF8.GetString(user.Name));
        Assert.True(PasswordHash.IsOf(Encoding.UTF8.GetBytes(Password), user.Salt, user.Hash));
        Assert.False(PasswordHash.IsOf(Encoding.UTF8.GetBytes(Password + "."), user.Salt, user.Hash));

        // Another salt each time.
        Assert.NotEqual(output, Run(Password, "ann").Output);
    }

    [Theory]
    [InlineData("too short", "ann")]
    [InlineData("", "ann")]
    [InlineData(Password)]
    [InlineData(Password, "--ann")]
    [InlineData(Password, "ann", "bob")]
    [InlineData(Password, "ann:bob")]
    [InlineData(Password, "")]
    public void What_cannot_be_used_is_told_without_the_password(string input, params string[] arguments)
    {
        (int code, string output, string errors) = Run(input, arguments);
        Assert.Equal((ExitCodes.Usage, ""), (code, output));
        Assert.StartsWith("edge: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("horse", errors, StringComparison.Ordinal);
    }
}
