using System.Text;
using System.Text.RegularExpressions;
using Edge.Config;
using Edge.Http;

namespace Edge.Tests.Http;

/// <summary>The parser against a slow reader that is written from the grammar with strings and expressions.</summary>
public partial class HeadParserFuzzTests
{
    private const int Cases = 40_000;
    private static readonly string[] s_seeds =
    [
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /a?b=c HTTP/1.0\r\nContent-Length: 5\r\nX: \t y \r\n\r\nhello",
        "\r\nOPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nTE:\r\n\r\n",
        "PUT http://u/%20 HTTP/1.1\r\nHost: u\r\nTransfer-Encoding: chunked\r\nConnection: a, b\r\n\r\n0\r\n\r\n",
    ];

    [Fact]
    public void It_agrees_with_the_grammar_on_mutated_heads()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var head = new Head();
        int complete = 0;
        for (int i = 0; i < Cases; i++)
        {
            string text = Mutate(s_seeds[random.Next(s_seeds.Length)], random);
            byte[] bytes = Encoding.Latin1.GetBytes(text);
            ParseResult result = HeadParser.ParseRequest(bytes, head);
            string? expected = Reference(text);
            string actual = result == ParseResult.Complete ? Describe(bytes, head) : "";
            Assert.True((result == ParseResult.Complete) == (expected is not null), $"seed {seed}, case {i}: {result} ({head.MessageError}) for {Show(text)}");
            Assert.True(expected is null || expected == actual, $"seed {seed}, case {i}:\n{expected}\n{actual}\nfor {Show(text)}");
            complete += expected is null ? 0 : 1;

            // A bad head stays bad, whatever follows: nothing is refused too early or too late.
            if (result == ParseResult.Bad)
            {
                Assert.Equal(ParseResult.Bad, HeadParser.ParseRequest([.. bytes, .. "\r\n\r\n"u8], head));
            }
        }

        Assert.InRange(complete, Cases / 20, Cases - Cases / 20);
    }

    // RFC 9112 §3 and §5 as expressions over the whole head; null where the text does not begin with a head.
    private static string? Reference(string text)
    {
        Match match = HeadGrammar().Match(text);
        if (!match.Success || match.Groups["method"].Length > Limits.MethodBytes)
        {
            return null;
        }

        CaptureCollection names = match.Groups["name"].Captures, values = match.Groups["value"].Captures;
        var fields = names.Select((n, i) => $"{n.Value}={values[i].Value.Trim(' ', '\t')}");
        return $"{match.Groups["method"]} {match.Groups["target"]} {match.Groups["minor"]} {match.Length} {string.Join('&', fields)}";
    }

    private static string Describe(byte[] bytes, Head head)
    {
        string Text(int start, int length) => Encoding.Latin1.GetString(bytes, start, length);
        var fields = head.Fields.ToArray().Select(f => $"{Text(f.Start, f.NameLength)}={Text(f.ValueStart, f.ValueLength)}");
        return $"{Text(head.Start, head.MethodLength)} {Text(head.TargetStart, head.TargetLength)} "
            + $"{head.MinorVersion} {head.Length} {string.Join('&', fields)}";
    }

    private static string Mutate(string text, Random random)
    {
        const string Interesting = "\r\n\0\t :;,#%/\"(){}@\u007f\u0080\u00ffAZaz09";
        var bytes = new StringBuilder(text);
        for (int n = random.Next(3); n > 0 && bytes.Length > 0; n--)
        {
            int at = random.Next(bytes.Length);
            char c = random.Next(4) == 0 ? (char)random.Next(256) : Interesting[random.Next(Interesting.Length)];
            switch (random.Next(5))
            {
                case 0: bytes[at] = c; break;
                case 1: bytes.Insert(at, c); break;
                case 2: bytes.Remove(at, 1); break;
                case 3: bytes.Insert(at, bytes.ToString(at, Math.Min(random.Next(1, 8), bytes.Length - at))); break;
                default: bytes.Length = at; break;
            }
        }

        return bytes.ToString();
    }

    private static string Show(string text) => Regex.Escape(text).Replace("\0", "\\0");

    [GeneratedRegex("""
        \A(?:\r\n){0,2}
        (?<method>[!\#$%&'*+\-.^_`|~0-9A-Za-z]+)[ ](?<target>[\x21\x22\x24-\x7E]+)[ ]HTTP/1\.(?<minor>[01])\r\n
        (?:(?<name>[!\#$%&'*+\-.^_`|~0-9A-Za-z]+):(?<value>[\t\x20-\x7E\x80-\xFF]*)\r\n)*
        \r\n
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex HeadGrammar();
}
