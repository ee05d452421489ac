using System.Text;

namespace Edge.Tests.Fuzz;

internal enum Side : byte
{
    Client,
    Replica,
}

internal enum Ending : byte
{
    None,

    /// <summary>It sends no more, and still reads.</summary>
    Half,

    /// <summary>It is gone, with a reset.</summary>
    Reset,
}

/// <summary>One thing that the client or the replica does.</summary>
/// <param name="Side">Who.</param>
/// <param name="Bytes">What it sends.</param>
/// <param name="Ending">What it does then.</param>
/// <param name="IsJoint">What follows is done before the balancer has had a turn: it meets both at once.</param>
internal readonly record struct Step(Side Side, byte[] Bytes, Ending Ending, bool IsJoint = false);

/// <summary>
/// What both sides send, and how it is cut, as one text that a fuzzer can change anywhere. Bytes are what they are but for
/// these: a side sends what was gathered for it where the next one of them stands.
/// </summary>
internal static class ExchangeScript
{
    internal const byte ToClient = 0xFF;
    internal const byte ToReplica = 0xFE;
    internal const byte Cut = 0xFD;
    internal const byte Half = 0xFC;
    internal const byte Reset = 0xFB;

    /// <summary>The next byte, whatever it is, is one of the bytes.</summary>
    internal const byte Literal = 0xFA;

    /// <summary>The next byte says how many times 256 of the one after it follow: bodies that are too long to be spelled out.</summary>
    internal const byte Repeat = 0xF9;

    /// <summary>As a cut, but the balancer sees nothing of it until the next one of these has been done, too.</summary>
    internal const byte Join = 0xF8;

    private const int BytesAtMost = 256 * 1024;
    private const int StepsAtMost = 200;

    internal static List<Step> Parse(ReadOnlySpan<byte> input)
    {
        var steps = new List<Step>();
        var gathered = new List<byte>();
        var side = Side.Client;
        int total = 0;
        for (int i = 0; i < input.Length && steps.Count < StepsAtMost && total < BytesAtMost; i++)
        {
            byte b = input[i];
            switch (b)
            {
                case ToClient or ToReplica or Cut or Half or Reset or Join:
                    Ending ending = b == Half ? Ending.Half : b == Reset ? Ending.Reset : Ending.None;
                    if (gathered.Count > 0 || ending != Ending.None)
                    {
                        steps.Add(new Step(side, [.. gathered], ending, IsJoint: b == Join));
                        gathered.Clear();
                    }

                    side = b == ToClient ? Side.Client : b == ToReplica ? Side.Replica : side;
                    break;
                case Literal when i + 1 < input.Length:
                    gathered.Add(input[++i]);
                    total++;
                    break;
                case Repeat when i + 2 < input.Length:
                    int times = input[++i] * 256;
                    gathered.AddRange(Enumerable.Repeat(input[++i], times));
                    total += times;
                    break;
                default:
                    gathered.Add(b);
                    total++;
                    break;
            }
        }

        if (gathered.Count > 0)
        {
            steps.Add(new Step(side, [.. gathered], Ending.None));
        }

        return steps;
    }

    /// <summary>
    /// A script as text, for seeds: ~C and ~R turn to a side, ~| cuts, ~h half-closes, ~x resets, ~& joins, ~N repeats the character behind it.
    /// </summary>
    internal static byte[] FromText(string text)
    {
        var bytes = new List<byte>();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '~')
            {
                bytes.AddRange(Encoding.Latin1.GetBytes(text, i, 1));
                continue;
            }

            i++;
            if (char.IsAsciiDigit(text[i]))
            {
                bytes.AddRange([Repeat, (byte)((text[i] - '0') * 16)]);
                continue;
            }

            bytes.Add(text[i] switch
            {
                'C' => ToClient,
                'R' => ToReplica,
                '|' => Cut,
                'h' => Half,
                'x' => Reset,
                '&' => Join,
                _ => throw new FormatException($"~{text[i]}"),
            });
        }

        return [.. bytes];
    }
}
