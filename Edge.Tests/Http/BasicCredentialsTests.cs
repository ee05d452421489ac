using System.Text;
using Edge.Http;

namespace Edge.Tests.Http;

/// <summary>User and password of the scheme Basic: RFC 7617 §2.</summary>
public sealed class BasicCredentialsTests
{
    private static string Of(string both) => Convert.ToBase64String(Encoding.UTF8.GetBytes(both));

    private static (string Name, string Password)? Read(string value)
    {
        Span<byte> to = stackalloc byte[BasicCredentials.BytesAtMost];
        return BasicCredentials.TryRead(Encoding.Latin1.GetBytes(value), to, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> password)
            ? (Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(password)) : null;
    }

    [Theory]
    [InlineData("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame")]
    [InlineData("BASIC  QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame")]
    [InlineData("basic dGVzdDoxMjPCow==", "test", "123£")]
    [InlineData("Basic YTo=", "a", "")]
    [InlineData("Basic YTpiOmM=", "a", "b:c")]
    public void A_name_and_a_password_are_read(string value, string name, string password) => Assert.Equal((name, password), Read(value));

    [Theory]
    [InlineData("")]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("Basic\tYTpi")]
    [InlineData("Bearer YTpi")]
    [InlineData("BasicYTpi")]
    [InlineData("Basic YTpi YTpi")]
    [InlineData("Basic YTpi,")]
    [InlineData("Basic YTp")]
    [InlineData("Basic YT=i")]
    [InlineData("Basic YTpi====")]
    [InlineData("Basic YTpi\u00e4")]
    [InlineData("Basic YWI=")]
    [InlineData("Basic OmI=")]
    public void What_is_malformed_is_nobody(string value) => Assert.Null(Read(value));

    [Fact]
    public void Control_characters_and_too_many_bytes_are_nobody()
    {
        Assert.Null(Read("Basic " + Of("a:b\n")));
        Assert.Null(Read("Basic " + Of("a\0:b")));
        Assert.Null(Read("Basic " + Of("a:b\x7f")));
        string longest = new('p', BasicCredentials.BytesAtMost - 2);
        Assert.Equal(("a", longest), Read("Basic " + Of("a:" + longest)));
        Assert.Null(Read("Basic " + Of("a:p" + longest)));
    }
}
