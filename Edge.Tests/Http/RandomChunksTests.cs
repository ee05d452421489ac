using System.Text;
using Edge.Http;

namespace Edge.Tests.Http;

/// <summary>The scanner against a slow decoder, on bodies that are nearly right; each read ends at an unreadable page.</summary>
public class RandomChunksTests
{
    private const int Cases = 20_000;

    [Fact]
    public void Random_bodies_read_as_a_naive_decoder_reads_them()
    {
        int seed = Environment.TickCount;
        using var memory = new GuardedMemory(16 * 1024);
        int ended = 0, bad = 0;
        for (int number = 0; number < Cases; number++)
        {
            var random = new Random(seed + number);
            byte[] data = RandomBody(random);
            (ChunkPart last, int taken, string content) = NaiveChunks.Decode(data);
            int[] cuts = [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(1, data.Length + 1)).Append(data.Length).Order()];
            (ChunkPart Last, int Taken, string Content) scan = Scan(memory, data, cuts);
            bool same = scan.Last == last && scan.Content == content && (last == ChunkPart.Bad || scan.Taken == taken);
            Assert.True(same, $"seed {seed + number}: expected {last} {taken}, was {scan.Last} {scan.Taken}: {Convert.ToHexString(data)}");
            ended += last == ChunkPart.End ? 1 : 0;
            bad += last == ChunkPart.Bad ? 1 : 0;
        }

        // What is compared is worth comparing.
        Assert.InRange(ended, Cases / 10, Cases - Cases / 10);
        Assert.InRange(bad, Cases / 10, Cases - Cases / 10);
    }

    private static byte[] RandomBody(Random random)
    {
        const string Interesting = "\r\n\r\n\r\n 0;:,-+xX\t\0\u007f\u00ff19afgAFG\"=";
        var body = new StringBuilder();
        for (int chunks = random.Next(4); chunks > 0; chunks--)
        {
            int size = random.Next(8) == 0 ? random.Next(200) : random.Next(1, 18);
            string space = random.Next(8) == 0 ? " \t" : "";
            string extension = random.Next(4) == 0 ? ";n=v" : random.Next(64) == 0 ? ";" + new string('e', random.Next(245, 262)) : "";
            body.Append(size.ToString(random.Next(2) == 0 ? "x" : "X4")).Append(extension.Length > 0 ? space : "").Append(extension).Append("\r\n");
            body.Append(string.Concat(Enumerable.Range(0, size).Select(_ => Interesting[random.Next(Interesting.Length)]))).Append("\r\n");
        }

        string[] trailers = ["", "", "a: b\r\n", "Date: d\r\nx:\r\n", "Host: h\r\n", "content-length: 4\r\n", "Set-Cookie: c\r\n"];
        body.Append("0\r\n").Append(trailers[random.Next(trailers.Length)]).Append("\r\n");
        for (int changes = random.Next(3); changes > 0 && body.Length > 0; changes--)
        {
            int at = random.Next(body.Length);
            char c = Interesting[random.Next(Interesting.Length)];
            switch (random.Next(3))
            {
                case 0: body[at] = c; break;
                case 1: body.Insert(at, c); break;
                default: body.Remove(at, 1); break;
            }
        }

        body.Append(random.Next(2) == 0 ? "surplus" : "");
        body.Length = random.Next(3) == 0 ? random.Next(1, body.Length + 1) : body.Length;
        return Encoding.Latin1.GetBytes(body.ToString());
    }

    // Feeds the data up to each of these ends in turn, as reads from a socket would.
    private static (ChunkPart Last, int Taken, string Content) Scan(GuardedMemory memory, byte[] data, int[] ends)
    {
        var scanner = new ChunkScanner();
        var content = new StringBuilder();
        int at = 0;
        foreach (int end in ends)
        {
            while (at < end)
            {
                ReadOnlySpan<byte> input = memory.Place(data.AsSpan(at..end));
                ChunkPart last = scanner.Next(input, out int taken);
                if (last == ChunkPart.Bad)
                {
                    return (last, at, content.ToString());
                }

                Assert.InRange(taken, 1, end - at);
                content.Append(last == ChunkPart.Data ? Encoding.Latin1.GetString(input[..taken]) : "");
                at += taken;
                if (last == ChunkPart.End)
                {
                    return (last, at, content.ToString());
                }
            }
        }

        // Whether a piece of content or of framing came last is the same to whoever waits for more.
        return (ChunkPart.Framing, at, content.ToString());
    }
}
