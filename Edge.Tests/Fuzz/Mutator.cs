namespace Edge.Tests.Fuzz;

/// <summary>Makes inputs out of others, the same ones for the same seed. No coverage guides it: it is for the ordinary tests.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> corpus, int seed)
{
    private const int BytesAtMost = 4096;

    private static readonly byte[][] s_words =
    [
        "\r\n"u8.ToArray(), "\n"u8.ToArray(), "\r"u8.ToArray(), "\r\n\r\n"u8.ToArray(), "\0"u8.ToArray(), "\t"u8.ToArray(), " "u8.ToArray(), ":"u8.ToArray(),
        ","u8.ToArray(), ";"u8.ToArray(), "0"u8.ToArray(), "+1"u8.ToArray(), "-1"u8.ToArray(), "0x5"u8.ToArray(), "99999999999999999999"u8.ToArray(),
        "chunked"u8.ToArray(), "Transfer-Encoding: "u8.ToArray(), "Content-Length: 5\r\n"u8.ToArray(), "Host: h\r\n"u8.ToArray(), "Connection: "u8.ToArray(),
        "close"u8.ToArray(), "keep-alive"u8.ToArray(), "Upgrade: h2c\r\n"u8.ToArray(), "Expect: 100-continue\r\n"u8.ToArray(), "HTTP/1.0"u8.ToArray(),
            "HTTP/1.1"u8.ToArray(),
        "0\r\n\r\n"u8.ToArray(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n"u8.ToArray(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(),
            "HTTP/1.1 100 \r\n\r\n"u8.ToArray(),
        "Host: shop.example\r\n"u8.ToArray(), "Host: a.shop.example\r\n"u8.ToArray(), "http://open.example"u8.ToArray(), "[2001:db8::1]"u8.ToArray(),
        "GET /api/ HTTP/1.1\r\n"u8.ToArray(), "/api"u8.ToArray(), "/admin/panel"u8.ToArray(), "/everywhere"u8.ToArray(), "//"u8.ToArray(), "/.."u8.ToArray(),
        "%2e"u8.ToArray(), "%2F"u8.ToArray(), "%5c"u8.ToArray(), "\\"u8.ToArray(), "/;"u8.ToArray(), "%00"u8.ToArray(), "%61"u8.ToArray(), "%c0%ae"u8.ToArray(),
        [ExchangeScript.ToClient], [ExchangeScript.ToReplica], [ExchangeScript.Cut], [ExchangeScript.Half], [ExchangeScript.Reset], [ExchangeScript.Join],
            [ExchangeScript.Repeat, 9, (byte)'x'],
    ];

    private readonly Random _random = new(seed);

    internal byte[] Next()
    {
        var bytes = new List<byte>(Any());
        for (int changes = 1 + _random.Next(4); changes > 0; changes--)
        {
            Change(bytes);
        }

        return bytes.Count <= BytesAtMost ? [.. bytes] : [.. bytes.Take(BytesAtMost)];
    }

    private byte[] Any() => corpus[_random.Next(corpus.Count)];

    private void Change(List<byte> bytes)
    {
        int at = _random.Next(bytes.Count + 1);
        int rest = bytes.Count - at;
        switch (_random.Next(7))
        {
            case 0 when rest > 0:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 1 when rest > 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 2:
                bytes.InsertRange(at, s_words[_random.Next(s_words.Length)]);
                break;
            case 3:
                bytes.RemoveRange(at, Math.Min(rest, 1 + _random.Next(8)));
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(rest, 1 + _random.Next(32))));
                break;
            case 5:
                byte[] other = Any();
                int from = _random.Next(other.Length + 1);
                bytes.RemoveRange(at, rest);
                bytes.AddRange(other[from..]);
                break;
            default:
                byte[] word = s_words[_random.Next(s_words.Length)];
                bytes.RemoveRange(at, Math.Min(rest, word.Length));
                bytes.InsertRange(at, word);
                break;
        }
    }
}
