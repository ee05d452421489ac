using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Edge.Http;

namespace Edge.BuiltInReplica;

/// <summary>The answer to a WebSocket handshake, and frames that go back as they came (RFC 6455 §4.2, §5).</summary>
internal static class WebSocketEcho
{
    /// <summary>The longest payload; a longer one is answered with the close code 1009.</summary>
    internal const int PayloadBytesAtMost = 16 * 1024;

    private const int KeyChars = 24;

    // Close frames with the codes 1002 and 1009 (§7.4.1).
    private static ReadOnlySpan<byte> ProtocolError => [0x88, 2, 1002 >> 8, 1002 & 0xff];

    private static ReadOnlySpan<byte> TooBig => [0x88, 2, 1009 >> 8, 1009 & 0xff];

    /// <summary>The result of <see cref="Next"/>.</summary>
    internal enum Outcome
    {
        /// <summary>No whole frame yet.</summary>
        Partial,

        /// <summary>A frame, perhaps with an answer.</summary>
        Frame,

        /// <summary>The last frame, with an answer; nothing may follow.</summary>
        Last,
    }

    /// <summary>The value of Sec-WebSocket-Accept; null if the request is not a handshake (RFC 6455 §4.2.1).</summary>
    internal static string? Accept(ReadOnlySpan<byte> data, Head head)
    {
        ReadOnlySpan<byte> key = default;
        bool upgrade = false;
        bool version = false;
        foreach (HeaderField field in head.Fields)
        {
            ReadOnlySpan<byte> name = field.Name(data);
            ReadOnlySpan<byte> value = field.Value(data);
            if (Ascii.EqualsIgnoreCase(name, "Upgrade"u8))
            {
                upgrade = Ascii.EqualsIgnoreCase(value, "websocket"u8);
            }
            else if (Ascii.EqualsIgnoreCase(name, "Sec-WebSocket-Version"u8))
            {
                version = value.SequenceEqual("13"u8);
            }
            else if (Ascii.EqualsIgnoreCase(name, "Sec-WebSocket-Key"u8))
            {
                key = value;
            }
        }

        if (!upgrade || !version || key.Length != KeyChars)
        {
            return null;
        }

        Span<byte> digest = stackalloc byte[20];
        Sha1OfOneText([.. key, .. "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8], digest);
        return Convert.ToBase64String(digest);
    }

    /// <summary>Takes the first frame of the bytes that a client has sent, and writes the answer over it: the same frame without its mask.</summary>
    /// <param name="data">The bytes; they are overwritten if there is a frame.</param>
    /// <param name="taken">Bytes of the frame.</param>
    /// <param name="answer">Empty for none.</param>
    internal static Outcome Next(Span<byte> data, out int taken, out ReadOnlySpan<byte> answer)
    {
        taken = 0;
        answer = default;
        if (data.Length < 2)
        {
            return Outcome.Partial;
        }

        int opcode = data[0] & 0x0f;
        bool isControl = opcode >= 8;
        int coded = data[1] & 0x7f;

        // §5.1: a client masks; §5.2: no reserved bit without an extension; §5.5: control frames are short and whole.
        if ((data[0] & 0x70) != 0 || (data[1] & 0x80) == 0 || opcode is not (0 or 1 or 2 or 8 or 9 or 10)
            || (isControl && (coded > 125 || (data[0] & 0x80) == 0)))
        {
            answer = ProtocolError;
            return Outcome.Last;
        }

        int head = coded < 126 ? 6 : coded == 126 ? 8 : 14;
        if (data.Length < head)
        {
            return Outcome.Partial;
        }

        long payload = coded < 126 ? coded
            : coded == 126 ? BinaryPrimitives.ReadUInt16BigEndian(data.Slice(2, 2))
            : BinaryPrimitives.ReadInt64BigEndian(data.Slice(2, 8));
        if (payload is < 0 or > PayloadBytesAtMost)
        {
            answer = TooBig;
            return Outcome.Last;
        }

        if (data.Length < head + payload)
        {
            return Outcome.Partial;
        }

        taken = head + (int)payload;
        if (opcode == 10)
        {
            return Outcome.Frame;
        }

        for (int i = 0; i < payload; i++)
        {
            data[head + i] ^= data[head - 4 + (i & 3)];
        }

        byte first = (byte)((data[0] & 0x80) | (opcode == 9 ? 10 : opcode));
        int start = payload < 126 ? head - 2 : head - 4;
        data[start] = first;
        if (payload < 126)
        {
            data[start + 1] = (byte)payload;
        }
        else
        {
            data[start + 1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(data.Slice(start + 2, 2), (ushort)payload);
        }

        answer = data[start..taken];
        return opcode == 8 ? Outcome.Last : Outcome.Frame;
    }

    // The handshake needs SHA-1 (not as a secret), and the runtime's would need OpenSSL. FIPS 180-4 §6.1, for up to 119 bytes.
    private static void Sha1OfOneText(ReadOnlySpan<byte> text, Span<byte> digest)
    {
        Span<byte> padded = stackalloc byte[128];
        padded.Clear();
        text.CopyTo(padded);
        padded[text.Length] = 0x80;
        int blocks = text.Length < 56 ? 1 : 2;
        BinaryPrimitives.WriteInt64BigEndian(padded[((blocks * 64) - 8)..], text.Length * 8L);
        Span<uint> hash = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
        Span<uint> words = stackalloc uint[80];
        for (int block = 0; block < blocks; block++)
        {
            for (int t = 0; t < 80; t++)
            {
                words[t] = t < 16
                    ? BinaryPrimitives.ReadUInt32BigEndian(padded[((block * 64) + (t * 4))..])
                    : BitOperations.RotateLeft(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1);
            }

            (uint a, uint b, uint c, uint d, uint e) = (hash[0], hash[1], hash[2], hash[3], hash[4]);
            for (int t = 0; t < 80; t++)
            {
                (uint f, uint k) = (t / 20) switch
                {
                    0 => ((b & c) | (~b & d), 0x5a827999u),
                    1 => (b ^ c ^ d, 0x6ed9eba1u),
                    2 => ((b & c) | (b & d) | (c & d), 0x8f1bbcdcu),
                    _ => (b ^ c ^ d, 0xca62c1d6u),
                };
                (a, b, c, d, e) = (BitOperations.RotateLeft(a, 5) + f + e + k + words[t], a, BitOperations.RotateLeft(b, 30), c, d);
            }

            hash[0] += a;
            hash[1] += b;
            hash[2] += c;
            hash[3] += d;
            hash[4] += e;
        }

        for (int i = 0; i < 5; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest[(i * 4)..], hash[i]);
        }
    }
}
