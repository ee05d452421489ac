using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Edge.Tests.Tls;

/// <summary>The keys of one direction of TLS 1.3 with TLS_AES_128_GCM_SHA256 (RFC 8446 §5, §7), and the number of the next record.</summary>
internal sealed class RawTlsKeys(byte[] secret)
{
    private const int TagBytes = 16;
    private const int HeaderBytes = 5;

    private readonly byte[] _iv = ExpandLabel(secret, "iv", [], 12);
    private ulong _number;

    /// <summary>AES-128 in GCM; the object belongs to the keys and lives as long as they do.</summary>
    private AesGcm Cipher { get; } = new(ExpandLabel(secret, "key", [], 16), TagBytes);

    /// <summary>The keys that follow a KeyUpdate (§7.2).</summary>
    internal RawTlsKeys Next() => new(ExpandLabel(secret, "traffic upd", [], 32));

    /// <summary>What a side's Finished says (§4.4.4).</summary>
    internal byte[] VerifyData(byte[] transcriptHash) => HMACSHA256.HashData(ExpandLabel(secret, "finished", [], 32), transcriptHash);

    /// <summary>A protected record, whatever its content: as long as is asked for, with any type, and with so many zeroes behind.</summary>
    internal byte[] Seal(byte type, ReadOnlySpan<byte> content, int padding = 0)
    {
        byte[] inner = [.. content, type, .. new byte[padding]];
        byte[] record = new byte[HeaderBytes + inner.Length + TagBytes];
        (record[0], record[1], record[2]) = (RawTls.ApplicationData, 3, 3);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(3), (ushort)(inner.Length + TagBytes));
        Cipher.Encrypt(NextNonce(), inner, record.AsSpan(HeaderBytes, inner.Length), record.AsSpan(HeaderBytes + inner.Length), record.AsSpan(0, HeaderBytes));
        return record;
    }

    /// <summary>Opens the body of a record; returns its inner type and its content.</summary>
    internal (byte Type, byte[] Content) Open(byte[] header, byte[] body)
    {
        byte[] inner = new byte[body.Length - TagBytes];
        Cipher.Decrypt(NextNonce(), body.AsSpan(0, inner.Length), body.AsSpan(inner.Length), inner, header);
        int type = inner.AsSpan().LastIndexOfAnyExcept((byte)0);
        return (inner[type], inner[..type]);
    }

    /// <summary>HKDF-Expand-Label (§7.1).</summary>
    internal static byte[] ExpandLabel(byte[] secret, string label, byte[] context, int length)
    {
        byte[] name = Encoding.ASCII.GetBytes("tls13 " + label);
        return HKDF.Expand(
            HashAlgorithmName.SHA256, secret, length, [(byte)(length >> 8), (byte)length, (byte)name.Length, .. name, (byte)context.Length, .. context]);
    }

    private byte[] NextNonce()
    {
        byte[] nonce = [.. _iv];
        for (int i = 0; i < 8; i++)
        {
            nonce[11 - i] ^= (byte)(_number >> (8 * i));
        }

        _number++;
        return nonce;
    }
}
