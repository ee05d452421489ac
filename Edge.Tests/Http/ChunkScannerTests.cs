using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Edge.Config;
using Edge.Http;

namespace Edge.Tests.Http;

public partial class ChunkScannerTests
{
    public static TheoryData<string, string> Good => new()
    {
        { "0\r\n\r\n", "" },
        { "5\r\nhello\r\n0\r\n\r\n", "hello" },
        { "1\r\na\r\n00a\r\n0123456789\r\n000\r\n\r\n", "a0123456789" },
        { "A;x=y;z=\"q \t\"\r\n\r\n\r\n\r\n\r\n\r\n\r\n0;last\r\n\r\n", "\r\n\r\n\r\n\r\n\r\n" },
        { "3\r\nabc\r\n0\r\nX-T: 1\r\nDate: now\r\nExpires:\r\n\r\n", "abc" },
        { "1 ;a\t; b = c ;d=\t\"e;\\\"\u00e9\" ;f\r\nx\r\n0;*=~;!\r\n\r\n", "x" },
    };

    [Theory]
    [MemberData(nameof(Good))]
    public void Every_split_gives_the_same_content_and_the_same_end(string body, string content)
    {
        for (int split = 0; split <= body.Length; split++)
        {
            (string? got, int taken) = Scan([body[..split], body[split..] + "GET / HTTP/1.1"]);
            Assert.Equal(content, got);
            Assert.Equal(body.Length, taken);
        }

        (string? single, int all) = Scan([.. body.Select(c => c.ToString()), "surplus"]);
        Assert.Equal(content, single);
        Assert.Equal(body.Length, all);
    }

    [Theory]
    [InlineData("1 \r\na\r\n0\t\r\n\r\n")]
    [InlineData("1  \t  \r\na\r\n00   \r\n\r\n")]
    [InlineData("1;;\r\na\r\n0 ; \r\n\r\n")]
    [InlineData("1 ;=x\r\na\r\n0;a=\"\r\n\r\n")]
    public void What_devices_write_behind_a_size_is_borne_with_in_an_answer_alone(string body)
    {
        for (int split = 0; split <= body.Length; split++)
        {
            Assert.Equal(("a", body.Length), Scan([body[..split], body[split..] + "HTTP/1.1 200"], isAnswer: true));
            Assert.Null(Scan([body[..split], body[split..]]).Content);
        }
    }

    [Theory]
    [InlineData("0\r\nCookie: a\r\nB: c\r\ncache-control: d\r\n\r\n", "0\r\nB: c\r\n\r\n")]
    [InlineData("0\r\nB: c\r\nProxy-Authorization: a\r\nIf-Match: x\r\nLocation: /\r\nDate: y\r\nC: d\r\n\r\n", "0\r\nB: c\r\nC: d\r\n\r\n")]
    [InlineData("0\r\nCookies: a\r\nCooki: b\r\n\r\n", "0\r\nCookies: a\r\nCooki: b\r\n\r\n")]
    [InlineData("0\r\nA-name-of-thirty-three-characters: a\r\nA-name-of-thirty-two-characters-: b\r\n\r\n",
        "0\r\nA-name-of-thirty-three-characters: a\r\nA-name-of-thirty-two-characters-: b\r\n\r\n")]
    public void Trailers_that_would_be_believed_go_no_further_however_they_are_split(string body, string passed)
    {
        Assert.Equal(passed, Passed([body]));
        Assert.Equal(passed, Passed([.. body.Select(c => $"{c}")]));
        for (int split = 0; split <= body.Length; split++)
        {
            Assert.Equal(passed, Passed([body[..split], body[split..]]));
        }
    }

    [Theory]
    [InlineData("1;;\r\n")]
    [InlineData("1;a;;b\r\n")]
    [InlineData("1;\r\n")]
    [InlineData("1;a; \r\n")]
    [InlineData("1;a \r\n")]
    [InlineData("1;=x\r\n")]
    [InlineData("1;a=\r\n")]
    [InlineData("1;a=;b\r\n")]
    [InlineData("1;a=b=c\r\n")]
    [InlineData("1;a b\r\n")]
    [InlineData("1;a=\"\r\n")]
    [InlineData("1;a=\"b\r\n")]
    [InlineData("1;a=\"b\\\"\r\n")]
    [InlineData("1;a=\"b\"c\r\n")]
    [InlineData("1;\"a\"=b\r\n")]
    [InlineData("1;a=\u00e9\r\n")]
    [InlineData("1 a\r\n")]
    [InlineData("\r\n\r\n")]
    [InlineData(";x\r\n")]
    [InlineData("+1\r\na\r\n")]
    [InlineData("-1\r\na\r\n")]
    [InlineData("0x1\r\na\r\n")]
    [InlineData(" 1\r\na\r\n")]
    [InlineData("1 \r\na\r\n")]
    [InlineData("1\na\r\n")]
    [InlineData("1\ra\r\n")]
    [InlineData("1\r\r\na\r\n")]
    [InlineData("g\r\n")]
    [InlineData("1000000000000000\r\n")]
    [InlineData("ffffffffffffffffff\r\n")]
    [InlineData("1;a\nb\r\na\r\n")]
    [InlineData("1;a\0b\r\na\r\n")]
    [InlineData("1;a\rb\r\na\r\n")]
    [InlineData("1\r\naX")]
    [InlineData("1\r\na\n0\r\n\r\n")]
    [InlineData("1\r\na0\r\n\r\n")]
    [InlineData("0\r\n\n")]
    [InlineData("0\r\n: v\r\n\r\n")]
    [InlineData("0\r\nA : v\r\n\r\n")]
    [InlineData("0\r\n A: v\r\n\r\n")]
    [InlineData("0\r\nA\r\n\r\n")]
    [InlineData("0\r\nA: v\n\r\n")]
    [InlineData("0\r\nA: \0\r\n\r\n")]
    [InlineData("0\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("0\r\ntransfer-encoding: chunked\r\n\r\n")]
    [InlineData("0\r\nHost: h\r\n\r\n")]
    [InlineData("0\r\nSet-Cookie: a\r\n\r\n")]
    [InlineData("0\r\nAuthorization: a\r\n\r\n")]
    [InlineData("0\r\nX-Forwarded-For: a\r\n\r\n")]
    public void A_malformed_body_is_noticed_however_it_is_split(string body)
    {
        for (int split = 0; split <= body.Length; split++)
        {
            Assert.Null(Scan([body[..split], body[split..]]).Content);
        }
    }

    [Fact]
    public void Lines_and_trailers_are_bounded()
    {
        string extension = new('x', Limits.ChunkLineBytes);
        Assert.Null(Scan([$"1;{extension}\r\na\r\n0\r\n\r\n"]).Content);
        Assert.Equal("a", Scan([$"1;{extension[3..]}\r\na\r\n0\r\n\r\n"]).Content);
        string trailer = $"X-{new string('x', Limits.TrailerBytes)}: y\r\n";
        Assert.Null(Scan([$"0\r\n{trailer}\r\n"]).Content);
        Assert.Null(Scan([$"0\r\n{string.Concat(Enumerable.Repeat("X: 12345678\r\n", Limits.TrailerBytes / 10))}\r\n"]).Content);
    }

    [Fact]
    public void It_agrees_with_a_slow_decoder_on_mutated_bodies_of_requests() => Agree(isAnswer: false);

    [Fact]
    public void It_agrees_with_a_slow_decoder_on_mutated_bodies_of_answers() => Agree(isAnswer: true);

    private static void Agree(bool isAnswer)
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        string[] seeds =
            ["5\r\nhello\r\n0\r\n\r\n", "1\r\na\r\n1\r\nb\r\n0\r\n\r\n", "b;e=1\r\nhello world\r\n0\r\nT: v\r\n\r\n", "1 ; a = \"b\" ;c\r\nx\r\n0\r\n\r\n"];
        int accepted = 0;
        for (int i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder(seeds[random.Next(seeds.Length)]);
            for (int n = random.Next(3); n > 0; n--)
            {
                int at = random.Next(text.Length);
                text[at] = "\r\n0123abf;x: \0=\"\\\t"[random.Next(17)];
            }

            string body = text.ToString();
            string? expected = Decode(body, isAnswer);
            int split = random.Next(body.Length);
            Assert.True(Scan([body[..split], body[split..]], isAnswer).Content == expected, $"seed {seed}, case {i}: {body}");
            accepted += expected is null ? 0 : 1;
        }

        Assert.InRange(accepted, 1000, 19_000);
    }

    // The content, or null where the body is malformed or has not ended; and how many bytes belonged to it.
    private static (string? Content, int Taken) Scan(string[] pieces, bool isAnswer = false)
    {
        var scanner = new ChunkScanner(dropsTrailers: false, isAnswer);
        var content = new StringBuilder();
        int total = 0;
        foreach (string piece in pieces)
        {
            byte[] bytes = Encoding.Latin1.GetBytes(piece);
            for (int at = 0; at < bytes.Length;)
            {
                ChunkPart part = scanner.Next(bytes.AsSpan(at), out int taken);
                if (part == ChunkPart.Bad)
                {
                    return (null, total);
                }

                Assert.InRange(taken, 1, bytes.Length - at);
                if (part == ChunkPart.Data)
                {
                    content.Append(piece, at, taken);
                }

                at += taken;
                total += taken;
                if (part == ChunkPart.End)
                {
                    return (content.ToString(), total);
                }
            }
        }

        return (null, total);
    }

    // RFC 9112 §7.1.3, line by line, for bodies within the limits.
    private static string? Decode(string body, bool isAnswer)
    {
        var content = new StringBuilder();
        while (true)
        {
            int lineEnd = body.IndexOf("\r\n", StringComparison.Ordinal);
            if (lineEnd < 0)
            {
                return null;
            }

            string[] line = body[..lineEnd].Split(';', 2);
            body = body[(lineEnd + 2)..];

            // White space is no part of the size, but for an extension to stand behind.
            string digits = line.Length > 1 || isAnswer ? line[0].TrimEnd(' ', '\t') : line[0];
            if ((line.Length > 1 && !isAnswer && !Extensions().IsMatch(";" + line[1])) || digits.Length is 0 or > 15 || !digits.All(char.IsAsciiHexDigit)
                || (line.Length > 1 && line[1].Any(IsControl)))
            {
                return null;
            }

            long size = long.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                return HasTrailers(body) ? content.ToString() : null;
            }

            if (size > body.Length - 2 || body.Substring((int)size, 2) != "\r\n")
            {
                return null;
            }

            content.Append(body, 0, (int)size);
            body = body[((int)size + 2)..];
        }
    }

    private static bool HasTrailers(string rest)
    {
        while (!rest.StartsWith("\r\n", StringComparison.Ordinal))
        {
            int lineEnd = rest.IndexOf("\r\n", StringComparison.Ordinal);
            int colon = rest.IndexOf(':', StringComparison.Ordinal);
            if (lineEnd < 0 || colon <= 0 || colon > lineEnd || !rest[..colon].All(char.IsAsciiLetterOrDigit) || rest[colon..lineEnd].Any(IsControl))
            {
                return false;
            }

            rest = rest[(lineEnd + 2)..];
        }

        return true;
    }

    // What a relay passes on of bytes that come in pieces: all but what is for this hop, and the name of what is not passed on.
    private static string Passed(string[] pieces)
    {
        var scanner = new ChunkScanner(dropsTrailers: false, isAnswer: false);
        StringBuilder passed = new(), name = new();
        foreach (string piece in pieces)
        {
            for (int at = 0; at < piece.Length;)
            {
                ChunkPart part = scanner.Next(Encoding.Latin1.GetBytes(piece[at..]), out int taken);
                Assert.NotEqual(ChunkPart.Bad, part);
                (part == ChunkPart.Name ? name : passed).Append(part == ChunkPart.Framing || part == ChunkPart.End ? name.ToString() : "")
                    .Append(part == ChunkPart.Hop ? "" : piece.Substring(at, taken));
                name.Length = part == ChunkPart.Name ? name.Length : 0;
                at += taken;
            }
        }

        return passed.ToString();
    }

    [GeneratedRegex("""^(;[ \t]*[a-zA-Z0-9]+([ \t]*=[ \t]*([a-zA-Z0-9]+|"([^"\\]|\\.)*"))?[ \t]*)*(?<![ \t])$""")]
    private static partial Regex Extensions();

    private static bool IsControl(char c) => c is < ' ' and not '\t' or '\u007f';
}
