namespace Edge.Routing;

/// <summary>Encoded characters of hosts and paths: a percent sign and two hexadecimal digits (RFC 3986 §2.1).</summary>
internal static class PercentCode
{
    /// <summary>The byte that is meant at a place, which moves behind it. A percent sign that begins no code means itself.</summary>
    internal static byte Next(ReadOnlySpan<byte> text, ref int at)
    {
        byte first = text[at++];
        if (first != '%' || at + 1 >= text.Length)
        {
            return first;
        }

        int high = HexOf(text[at]), low = HexOf(text[at + 1]);
        if (high < 0 || low < 0)
        {
            return first;
        }

        at += 2;
        return (byte)(high << 4 | low);
    }

    private static int HexOf(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };
}
