using System.Text;
using Edge.Http;

namespace Edge.Tests.Http;

public sealed class ConnectionAuthenticationTests
{
    [Theory]
    [InlineData("NTLM", true)]
    [InlineData("ntlm TlRMTVNTUAACAAAA", true)]
    [InlineData("Negotiate", true)]
    [InlineData("NEGOTIATE oYG1MIGyoAMKAQ==", true)]
    [InlineData("Basic realm=\"x\", NTLM", true)]
    [InlineData("Digest realm=\"a, b\", nonce=\"c\", Negotiate", true)]
    [InlineData("Basic realm=\"a\\\", NTLM\"", false)]
    [InlineData("Basic realm=\"a\\\"\",\tNTLM", true)]
    [InlineData(" , ,NTLM", true)]
    [InlineData("Basic realm=\"NTLM, Negotiate\"", false)]
    [InlineData("Basic realm=\"unended, NTLM", false)]
    [InlineData("Basic TlRMTQ==", false)]
    [InlineData("Bearer NTLM", false)]
    [InlineData("NTLMv2 x", false)]
    [InlineData("Negotiated", false)]
    [InlineData("Digest NTLM=x, negotiate=y", false)]
    [InlineData("", false)]
    [InlineData("\"", false)]
    public void It_is_told_by_the_scheme_wherever_it_stands(string value, bool is_)
    {
        Assert.Equal((is_, is_), (InResponse($"WWW-Authenticate: {value}"), InResponse($"Server: x\r\nproxy-authenticate: {value}")));
        Assert.Equal((is_, is_), (InRequest($"AUTHORIZATION: {value}"), InRequest($"X: y\r\nProxy-Authorization: {value}")));
    }

    [Fact]
    public void Each_line_counts_and_other_fields_do_not()
    {
        Assert.True(InResponse("WWW-Authenticate: Basic realm=\"x\"\r\nWWW-Authenticate: NTLM"));
        Assert.False(InResponse("Authorization: NTLM\r\nX-WWW-Authenticate: NTLM"));
        Assert.False(InRequest("WWW-Authenticate: NTLM\r\nX-Authorization: NTLM\r\nCookie: NTLM"));
    }

    private static bool InResponse(string fields)
    {
        byte[] data = Encoding.ASCII.GetBytes($"HTTP/1.1 401 Unauthorized\r\n{fields}\r\n\r\n");
        var head = new Head();
        Assert.Equal(ParseResult.Complete, HeadParser.ParseResponse(data, head));
        return ConnectionAuthentication.IsInResponse(data, head);
    }

    private static bool InRequest(string fields)
    {
        byte[] data = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n\r\n");
        var head = new Head();
        Assert.Equal(ParseResult.Complete, HeadParser.ParseRequest(data, head));
        return ConnectionAuthentication.IsInRequest(data, head);
    }
}
