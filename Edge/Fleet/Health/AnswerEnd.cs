using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Edge.Fleet;

/// <summary>
/// Reads what a replica still sends of an answer whose status is known: one that is closed on in the middle of it gets a reset, and writes an error to its
/// log for each health check. How the rest ends says nothing any more.
/// </summary>
internal static class AnswerEnd
{
    /// <summary>No more than this is read of one answer: a page as a health check is better cut than fetched every second.</summary>
    internal const int BytesAtMost = 256 * 1024;

    private const int BufferBytes = 8 * 1024;

    /// <summary>Reads to the end that the length tells, to that of the connection, or as long as there is time for.</summary>
    /// <param name="socket">Has been read from.</param>
    /// <param name="begun">What was read.</param>
    /// <param name="cancellation">The time for the whole check is over.</param>
    internal static async Task ReadAsync(Socket socket, ReadOnlyMemory<byte> begun, CancellationToken cancellation)
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
                // The head is gathered, and what follows it is not.
                int got = await socket.ReceiveAsync(buffer.AsMemory(hasHead ? 0 : held), SocketFlags.None, cancellation);
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
        catch (Exception ended) when (ended is OperationCanceledException or SocketException)
        {
            // The status is known, and is what counts: one that goes on for longer than the check may take is left there.
            return;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // As the head says: of 204 and 304 there is none (RFC 9112 section 6.3); null where the connection's end is that of the body.
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
