using System.Text;
using Edge.Config;
using Edge.Http;

namespace Edge.Tests.Http;

public class HeadParserTests
{
    public static TheoryData<string> GoodRequests => new(
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: h\r\n\r\n",
        "\r\nGET /after/an/empty/line HTTP/1.1\r\nHost: h\r\n\r\n",
        "\r\n\r\nGET /after/two HTTP/1.1\r\nHost: h\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: h\r\nX-Empty:\r\nX-Spaces: \t a b \t \r\nx~!#$%&'*+-.^_`|: 1\r\n\r\n",
        "M-SEARCH http://h/%00%ff?a[]=\"<>\\^`{|} HTTP/1.1\r\nHost: h\r\nX-Obs: \u00e9\u00ff\r\n\r\n");

    public static TheoryData<string> GoodResponses => new(
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.0 404 \r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 599 Any \u00e9 text\twith a tab\r\nA: b\r\n\r\n");

    [Theory]
    [MemberData(nameof(GoodRequests))]
    public void Every_prefix_of_a_request_is_partial_and_what_follows_changes_nothing(string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text + "surplus \0\n\r");
        int length = text.Length;
        var head = new Head();
        for (int i = 0; i < length; i++)
        {
            Assert.True(HeadParser.ParseRequest(bytes.AsSpan(0, i), head) == ParseResult.Partial, $"the first {i} bytes: {head.MessageError}");
        }

        for (int i = length; i <= bytes.Length; i++)
        {
            Assert.Equal(ParseResult.Complete, HeadParser.ParseRequest(bytes.AsSpan(0, i), head));
            Assert.Equal(length, head.Length);
        }
    }

    [Theory]
    [MemberData(nameof(GoodResponses))]
    public void Every_prefix_of_a_response_is_partial_and_what_follows_changes_nothing(string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text + "surplus \0\n\r");
        var head = new Head();
        for (int i = 0; i < text.Length; i++)
        {
            Assert.True(HeadParser.ParseResponse(bytes.AsSpan(0, i), head) == ParseResult.Partial, $"the first {i} bytes: {head.MessageError}");
        }

        Assert.Equal(ParseResult.Complete, HeadParser.ParseResponse(bytes, head));
        Assert.Equal(text.Length, head.Length);
    }

    [Fact]
    public void The_parts_of_a_request_are_where_they_stand()
    {
        byte[] bytes = "\r\nDELETE /p?q HTTP/1.0\r\nHost: h\r\nX-A:\t v w \r\nEmpty:\r\nhost: again\r\n\r\n"u8.ToArray();
        var head = new Head();
        Assert.Equal(ParseResult.Complete, HeadParser.ParseRequest(bytes, head));
        Assert.Equal((2, Method.Delete, 6, 0), (head.Start, head.Method, head.MethodLength, head.MinorVersion));
        Assert.Equal("/p?q", Encoding.ASCII.GetString(bytes, head.TargetStart, head.TargetLength));
        Assert.Equal(
            ["Host=h;Host", "X-A=v w;Other", "Empty=;Other", "host=again;Host"],
            head.Fields.ToArray().Select(f => $"{Encoding.ASCII.GetString(f.Name(bytes))}={Encoding.ASCII.GetString(f.Value(bytes))};{f.Known}"));
        Assert.True(head.IsRepeated(KnownField.Host));
        Assert.False(head.IsRepeated(KnownField.Via));
        Assert.True(head.TryGet(KnownField.Host, out HeaderField first));
        Assert.Equal("h"u8.ToArray(), first.Value(bytes).ToArray());
        Assert.False(head.Has(KnownField.Via));
    }

    [Fact]
    public void The_parts_of_a_response_are_where_they_stand()
    {
        byte[] bytes = "HTTP/1.1 503 Not now\r\nContent-Length: 5\r\n\r\n"u8.ToArray();
        var head = new Head();
        Assert.Equal(ParseResult.Complete, HeadParser.ParseResponse(bytes, head));
        Assert.Equal((503, 1), (head.Status, head.MinorVersion));
        Assert.Equal("Not now", Encoding.ASCII.GetString(bytes, head.ReasonStart, head.ReasonLength));
    }

    [Theory]
    [InlineData("\rGET / HTTP/1.1\r\n\r\n", MessageError.MalformedStartLine, 400)]
    [InlineData("\nGET / HTTP/1.1\r\n\r\n", MessageError.MalformedStartLine, 400)]
    [InlineData("\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", MessageError.MalformedStartLine, 400)]
    [InlineData(" GET / HTTP/1.1\r\n\r\n", MessageError.MalformedStartLine, 400)]
    [InlineData("G\0T / HTTP/1.1\r\n\r\n", MessageError.MalformedStartLine, 400)]
    [InlineData("GET\t/ HTTP/1.1\r\n\r\n", MessageError.MalformedStartLine, 400)]
    [InlineData("GET  / HTTP/1.1\r\n\r\n", MessageError.MalformedTarget, 400)]
    [InlineData("GET /a b HTTP/1.1\r\n\r\n", MessageError.MalformedStartLine, 400)]
    [InlineData("GET /a\tb HTTP/1.1\r\n\r\n", MessageError.MalformedTarget, 400)]
    [InlineData("GET /#f HTTP/1.1\r\n\r\n", MessageError.MalformedTarget, 400)]
    [InlineData("GET /\u00e9 HTTP/1.1\r\n\r\n", MessageError.MalformedTarget, 400)]
    [InlineData("GET /\u0000 HTTP/1.1\r\n\r\n", MessageError.MalformedTarget, 400)]
    [InlineData("GET /\r\n\r\n", MessageError.MalformedStartLine, 400)]
    [InlineData("GET / http/1.1\r\n\r\n", MessageError.MalformedStartLine, 400)]
    [InlineData("GET / HTTP/1.1 \r\n\r\n", MessageError.MalformedStartLine, 400)]
    [InlineData("GET / HTTP/1.1\n\r\n", MessageError.MalformedStartLine, 400)]
    [InlineData("GET / HTTP/1.1\r\r\n", MessageError.MalformedStartLine, 400)]
    [InlineData("GET / HTTP/11\r\n\r\n", MessageError.MalformedStartLine, 400)]
    [InlineData("GET / HTTP/1.x\r\n\r\n", MessageError.MalformedStartLine, 400)]
    [InlineData("GET / HTTP/1.2\r\n\r\n", MessageError.UnsupportedVersion, 505)]
    [InlineData("GET / HTTP/0.9\r\n\r\n", MessageError.UnsupportedVersion, 505)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", MessageError.UnsupportedVersion, 505)]
    [InlineData("GET / HTTP/1.1\r\nHost : h\r\n\r\n", MessageError.MalformedField, 400)]
    [InlineData("GET / HTTP/1.1\r\nHost\t: h\r\n\r\n", MessageError.MalformedField, 400)]
    [InlineData("GET / HTTP/1.1\r\n: h\r\n\r\n", MessageError.MalformedField, 400)]
    [InlineData("GET / HTTP/1.1\r\n Host: h\r\n\r\n", MessageError.MalformedField, 400)]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", MessageError.MalformedField, 400)]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n\tfolded\r\n\r\n", MessageError.MalformedField, 400)]
    [InlineData("GET / HTTP/1.1\r\nno colon\r\n\r\n", MessageError.MalformedField, 400)]
    [InlineData("GET / HTTP/1.1\r\nA(b): c\r\n\r\n", MessageError.MalformedField, 400)]
    [InlineData("GET / HTTP/1.1\r\n\u00e9: c\r\n\r\n", MessageError.MalformedField, 400)]
    [InlineData("GET / HTTP/1.1\r\nA: b\nB: c\r\n\r\n", MessageError.MalformedField, 400)]
    [InlineData("GET / HTTP/1.1\r\nA: b\rB: c\r\n\r\n", MessageError.MalformedField, 400)]
    [InlineData("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", MessageError.MalformedField, 400)]
    [InlineData("GET / HTTP/1.1\r\nA: b\u007f\r\n\r\n", MessageError.MalformedField, 400)]
    [InlineData("GET / HTTP/1.1\r\nA: b\u0001\r\n\r\n", MessageError.MalformedField, 400)]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n\rX", MessageError.MalformedField, 400)]
    public void A_bad_request_is_refused_however_much_follows(string text, object refusal, int status)
    {
        var head = new Head();
        foreach (string behind in new[] { "", "\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r\n" })
        {
            Assert.Equal(ParseResult.Bad, HeadParser.ParseRequest(Encoding.Latin1.GetBytes(text + behind), head));
            Assert.Equal(refusal, head.MessageError);
            Assert.Equal(status, MessageErrors.Status(head.MessageError));
        }
    }

    [Theory]
    [InlineData("HTTP/1.1200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 099 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 +20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\0K\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\n\r\n")]
    [InlineData("HTTP/2 200\r\n\r\n")]
    [InlineData("ICY 200 OK\r\n\r\n")]
    [InlineData("\r\nHTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA : b\r\n\r\n")]
    public void A_bad_response_is_refused(string text)
    {
        var head = new Head();
        Assert.Equal(ParseResult.Bad, HeadParser.ParseResponse(Encoding.Latin1.GetBytes(text), head));
        Assert.NotEqual(MessageError.None, head.MessageError);
    }

    [Fact]
    public void Limits_hold_exactly()
    {
        Assert.Equal(MessageError.None, Parse($"{new string('M', Limits.MethodBytes)} / HTTP/1.1\r\n\r\n"));
        Assert.Equal(MessageError.MethodTooLong, Parse($"{new string('M', Limits.MethodBytes + 1)} / HTTP/1.1\r\n\r\n"));
        Assert.Equal(MessageError.None, Parse($"GET /{new string('t', Limits.TargetBytes - 1)} HTTP/1.1\r\n\r\n"));
        Assert.Equal(MessageError.TargetTooLong, Parse($"GET /{new string('t', Limits.TargetBytes)} HTTP/1.1\r\n\r\n"));
        Assert.Equal(MessageError.TargetTooLong, Parse($"GET /{new string('t', Limits.TargetBytes)}"));
        Assert.Equal(MessageError.None, Parse($"GET / HTTP/1.1\r\n{string.Concat(Enumerable.Repeat("A:b\r\n", Limits.HeaderFields))}\r\n"));
        Assert.Equal(MessageError.TooManyFields, Parse($"GET / HTTP/1.1\r\n{string.Concat(Enumerable.Repeat("A:b\r\n", Limits.HeaderFields + 1))}\r\n"));
        int room = Limits.HeadBytes - "GET / HTTP/1.1\r\nA:\r\n\r\n".Length;
        Assert.Equal(MessageError.None, Parse($"GET / HTTP/1.1\r\nA:{new string('v', room)}\r\n\r\n"));
        Assert.Equal(MessageError.HeadTooLarge, Parse($"GET / HTTP/1.1\r\nA:{new string('v', room + 1)}\r\n\r\n"));
        Assert.Equal(MessageError.HeadTooLarge, Parse($"GET / HTTP/1.1\r\nA:{new string('v', Limits.HeadBytes)}"));
    }

    // MessageError.None is a complete head here.
    private static MessageError Parse(string text)
    {
        var head = new Head();
        ParseResult result = HeadParser.ParseRequest(Encoding.Latin1.GetBytes(text), head);
        Assert.NotEqual(ParseResult.Partial, result);
        Assert.Equal(result == ParseResult.Bad, head.MessageError != MessageError.None);
        return head.MessageError;
    }
}
