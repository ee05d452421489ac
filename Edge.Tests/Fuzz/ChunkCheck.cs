using System.Text;
using Edge.Http;
using static Edge.Tests.Fuzz.FuzzTargets;

namespace Edge.Tests.Fuzz;

/// <summary>The scanner of chunked bodies against the plain reader, in one piece and in pieces of every size.</summary>
internal static class ChunkCheck
{
    /// <param name="memory">Where the pieces are read from.</param>
    /// <param name="body">What follows the head.</param>
    /// <param name="plain">The message that they belong to, as the plain reader takes it.</param>
    /// <param name="isAnswer">Whether they are of a response.</param>
    internal static void Run(GuardedPage memory, ReadOnlySpan<byte> body, PlainMessage plain, bool isAnswer)
    {
        (ChunkPart Last, int Taken, string Content) whole = Scan(memory, body, body.Length, isAnswer);
        foreach (int size in (int[])[1, 3, 17])
        {
            (ChunkPart Last, int Taken, string Content) pieces = Scan(memory, body, size, isAnswer);
            Check(pieces == whole || (pieces.Last == ChunkPart.Bad && whole.Last == ChunkPart.Bad),
                $"{pieces.Last} after {pieces.Taken} in pieces of {size}, else {whole.Last} after {whole.Taken}");
        }

        string shown = Show(Text(body));
        switch (whole.Last)
        {
            case ChunkPart.End:
                Check(plain.Reading == Reading.Whole, $"ended, but {plain.Reading}: {shown}");
                Check(plain.Length == plain.HeadLength + whole.Taken, $"ended after {whole.Taken}, not {plain.Length - plain.HeadLength}: {shown}");
                Check(plain.Body == whole.Content, $"other content: {shown}");
                break;
            case ChunkPart.Bad:
                // Forbidden trailers and limits are stricter than the plain reader is.
                break;
            default:
                Check(plain.Reading != Reading.Whole, $"goes on, but it has ended: {shown}");
                break;
        }
    }

    private static (ChunkPart Last, int Taken, string Content) Scan(GuardedPage memory, ReadOnlySpan<byte> body, int size, bool isAnswer)
    {
        var scanner = new ChunkScanner(dropsTrailers: false, isAnswer);
        var content = new StringBuilder();
        ChunkPart last = ChunkPart.Framing;
        int at = 0;
        while (at < body.Length)
        {
            ReadOnlySpan<byte> piece = memory.Place(body.Slice(at, Math.Min(size, body.Length - at)));
            while (!piece.IsEmpty)
            {
                last = scanner.Next(piece, out int taken);
                if (last == ChunkPart.Bad)
                {
                    return (last, at, content.ToString());
                }

                Check(taken >= 1 && taken <= piece.Length, $"took {taken} of {piece.Length}");
                if (last == ChunkPart.Data)
                {
                    content.Append(Text(piece[..taken]));
                }

                at += taken;
                piece = piece[taken..];
                if (last == ChunkPart.End)
                {
                    return (last, at, content.ToString());
                }
            }
        }

        // Which kind the last piece was depends on where it was cut; that the body goes on does not.
        return (ChunkPart.Framing, at, content.ToString());
    }
}
