using System.Buffers.Text;
using Edge.Http;

namespace Edge.Proxy;

/// <summary>How an answer of the balancer's own is written for a client of HTTP/1.</summary>
internal static class Http1LocalReply
{
    private static readonly KeyValuePair<string, string> s_chunked = new("Transfer-Encoding", "chunked");

    /// <summary>Writes the head to the loop's scratch, and returns it.</summary>
    /// <param name="loop">Whose scratch, and clock.</param>
    /// <param name="status">A final one.</param>
    /// <param name="length">Of the body; <see cref="HeadWriter.NoLength"/> where it comes in pieces.</param>
    /// <param name="fields">Beside those that every answer has.</param>
    /// <param name="keepAlive">Whether the connection goes on.</param>
    /// <param name="isTls">Whether the client speaks TLS.</param>
    /// <param name="isChunked">Whether the body is.</param>
    /// <param name="always">Fields of every answer of the service; null for none.</param>
    internal static ReadOnlySpan<byte> WriteHead(
        LoopContext loop, int status, long length, IReadOnlyList<KeyValuePair<string, string>> fields, bool keepAlive, bool isTls, bool isChunked = false,
        FixedFields? always = null)
    {
        int written = HeadWriter.WriteLocalReply(loop.Scratch, status, length, isChunked ? [.. fields, s_chunked] : fields, new RelayContext
        {
            Fixed = always,
            Date = loop.Date,
            Close = !keepAlive,
            SayKeepAlive = true,
            StrictTransportLine = isTls ? loop.Settings.StrictTransportLine : default,
        });
        return loop.Scratch[..written];
    }

    /// <summary>Writes a piece of a body as a chunk, an empty one as the last; returns it.</summary>
    /// <param name="to">Has room for it.</param>
    /// <param name="piece">At most <see cref="Config.Limits.LocalReplyPieceBytes"/>.</param>
    internal static ReadOnlySpan<byte> WriteChunk(Span<byte> to, ReadOnlySpan<byte> piece)
    {
        var writer = new ByteWriter(to);
        Span<byte> size = stackalloc byte[8];
        Utf8Formatter.TryFormat(piece.Length, size, out int digits, 'x');
        writer.Add(size[..digits]);
        writer.Add("\r\n"u8);
        writer.Add(piece);
        writer.Add("\r\n"u8);
        return to[..writer.Length];
    }
}
