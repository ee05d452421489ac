using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Edge.Fleet;

/// <summary>
/// Reads the rest of an answer whose status is known. If the connection were closed in the middle of the answer, the replica would get a reset, and
/// would write an error to its log for each health check. The content of the rest does not matter.
/// </summary>
internal static class AnswerEnd
{
    /// <summary>At most this much of one answer is read. It is better to cut a large page than to fetch it with every check.</summary>
    internal const int BytesAtMost = 256 * 1024;

    private const int BufferBytes = 8 * 1024;

    /// <summary>Reads to the end by the length, or to the end of the connection, or until the time is over.</summary>
    /// <param name="receive">Receives from the connection, from which the beginning was read.</param>
    /// <param name="begun">The bytes that were read.</param>
    /// <param name="cancellation">Ends the time of the whole check.</param>
    internal static async Task ReadAsync(Receive receive, ReadOnlyMemory<byte> begun, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            begun.CopyTo(buffer);
            int held = begun.Length;
            long left = BytesAtMost;
            bool hasHead = false;
            while (left > 0)
            {
                // The head is collected; the bytes behind it are not.
                int got = await receive(buffer.AsMemory(hasHead ? 0 : held), cancellation);
                if (got == 0)
                {
                    return;
                }

                left -= got;
                held = hasHead ? 0 : held + got;
                if (!hasHead && buffer.AsSpan(0, held).IndexOf("\r\n\r\n"u8) is >= 0 and int end)
                {
                    hasHead = true;
                    left = Math.Min(left, (BodyBytes(buffer.AsSpan(0, end)) ?? left) - (held - end - 4));
                }

                hasHead |= held == buffer.Length;
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or IOException)
        {
            // The status is known, and only that counts. An answer that takes longer than the check may take is left.
            return;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // By the head: 204 and 304 have no body (RFC 9112 section 6.3). Null if the body ends with the connection.
    private static long? BodyBytes(ReadOnlySpan<byte> head)
    {
        if (head[9..].StartsWith("204"u8) || head[9..].StartsWith("304"u8))
        {
            return 0;
        }

        foreach (Range line in head.Split("\r\n"u8))
        {
            ReadOnlySpan<byte> field = head[line];
            int colon = field.IndexOf((byte)':');
            if (colon > 0 && Ascii.EqualsIgnoreCase(field[..colon], "content-length"u8)
                && long.TryParse(field[(colon + 1)..].Trim(" \t"u8), NumberStyles.None, CultureInfo.InvariantCulture, out long bytes))
            {
                return bytes;
            }
        }

        return null;
    }
}
