using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>
/// The keys under which session tickets are given out (RFC 5077 §4, RFC 8446 §4.6.1): the process's, so that a ticket of one loop is good in all of them, after
/// a reload, and in the process that takes over. The newest encrypts; older ones still decrypt, and have the client get a new ticket.
/// </summary>
internal sealed unsafe class TicketKeys
{
    /// <summary>A name, a key for AES-256-CBC, a key for HMAC-SHA-256.</summary>
    internal const int KeyBytes = 16 + 32 + 32;

    private const int Kept = 3;

    private readonly GCHandle _self;

    // Newest first; swapped whole.
    private byte[][] _keys;

    /// <param name="keys">Newest first; where there are none, one is made.</param>
    internal TicketKeys(IEnumerable<byte[]>? keys = null)
    {
        // Never freed: a process has one, and contexts keep it until they end.
        _self = GCHandle.Alloc(this);
        _keys = keys?.Take(Kept).ToArray() ?? [];
        if (_keys.Length == 0)
        {
            _keys = [NewKey()];
        }
    }

    /// <summary>All of them, newest first, for the process that takes over.</summary>
    internal IReadOnlyList<byte[]> All => Volatile.Read(ref _keys);

    /// <summary>Begins with a new key; the oldest is forgotten.</summary>
    internal void Rotate() => Volatile.Write(ref _keys, [NewKey(), .. _keys.Take(Kept - 1)]);

    /// <summary>Has a context encrypt its tickets under these.</summary>
    internal void Use(nint context)
    {
        // OpenSSL hands the callback nothing of ours but what lies at its context.
        OpenSsl.SSL_CTX_set_ex_data(context, OpenSsl.ApplicationData, GCHandle.ToIntPtr(_self));
        OpenSsl.SSL_CTX_set_tlsext_ticket_key_evp_cb(context, (delegate* unmanaged[Cdecl]<nint, byte*, byte*, nint, nint, int, int>)&OnTicket);
    }

    private static byte[] NewKey()
    {
        byte[] key = new byte[KeyBytes];
        fixed (byte* to = key)
        {
            if (OpenSsl.RAND_bytes(to, KeyBytes) != 1)
            {
                throw new TlsException("RAND_bytes");
            }
        }

        return key;
    }

    // SSL_CTX_set_tlsext_ticket_key_cb(3ssl): 1 for done, 2 for done and renew, 0 for a ticket that is not known, -1 for a failure.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnTicket(nint session, byte* name, byte* iv, nint cipher, nint mac, int encrypts)
    {
        nint self = OpenSsl.SSL_CTX_get_ex_data(OpenSsl.SSL_get_SSL_CTX(session), OpenSsl.ApplicationData);
        byte[][] keys = Volatile.Read(ref ((TicketKeys)GCHandle.FromIntPtr(self).Target!)._keys);
        int found = 0;
        if (encrypts != 0)
        {
            keys[0].AsSpan(0, 16).CopyTo(new Span<byte>(name, 16));
            if (OpenSsl.RAND_bytes(iv, 16) != 1)
            {
                return -1;
            }
        }
        else
        {
            var wanted = new ReadOnlySpan<byte>(name, 16);
            while (found < keys.Length && !wanted.SequenceEqual(keys[found].AsSpan(0, 16)))
            {
                found++;
            }

            if (found == keys.Length)
            {
                return 0;
            }
        }

        fixed (byte* key = keys[found], digestName = "digest\0"u8, digest = "SHA256\0"u8, keyName = "key\0"u8)
        {
            OsslParameter* parameters = stackalloc OsslParameter[3];
            parameters[0] = new OsslParameter { Key = keyName, Type = OsslParameter.OctetString, Data = key + 48, Bytes = 32, ReturnBytes = nuint.MaxValue };
            parameters[1] = new OsslParameter { Key = digestName, Type = OsslParameter.Utf8String, Data = digest, Bytes = 6, ReturnBytes = nuint.MaxValue };
            parameters[2] = default;
            bool isDone = OpenSsl.EVP_MAC_CTX_set_params(mac, parameters) == 1
                && (encrypts != 0
                    ? OpenSsl.EVP_EncryptInit_ex(cipher, OpenSsl.EVP_aes_256_cbc(), 0, key + 16, iv)
                    : OpenSsl.EVP_DecryptInit_ex(cipher, OpenSsl.EVP_aes_256_cbc(), 0, key + 16, iv)) == 1;

            // A client of TLS 1.3 is to use a ticket once (RFC 8446 §C.4), so each handshake gives it the next one.
            return !isDone ? -1 : found == 0 && OpenSsl.SSL_version(session) < OpenSsl.TLS1_3_VERSION ? 1 : 2;
        }
    }
}
