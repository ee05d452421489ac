using System.Buffers.Binary;
using System.Net;

namespace Edge.Io;

/// <summary>
/// Which certificate a client gets to see: the one of exactly the name that it asks for, else the one whose wildcard covers it (RFC 9525 §6.3: one label,
/// the leftmost), else the default. A client that asks for no name, as for an address in a URL (RFC 6066 §3), gets the one of the address that it has
/// connected to, else the default. Immutable: a change builds a new one and swaps it in whole.
/// </summary>
internal sealed class CertificateTable
{
    /// <summary>The longest name of a host, in bytes (RFC 1035 §2.3.4).</summary>
    private const int NameBytesAtMost = 255;

    private readonly Dictionary<string, TlsCertificate> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TlsCertificate>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly Dictionary<UInt128, TlsCertificate> _byAddress = [];
    private readonly TlsCertificate? _default;

    /// <param name="certificates">The first of those for one name holds.</param>
    /// <param name="fallback">Whom those see who ask for another name, or for none; null refuses other names.</param>
    /// <param name="join">
    /// Puts two together: of the certificates for one name, the first with an RSA key and the first with another key are both shown. Null: no more than one is.
    /// </param>
    internal CertificateTable(
        IReadOnlyList<TlsCertificate> certificates, TlsCertificate? fallback, Func<TlsCertificate, TlsCertificate, TlsCertificate>? join = null)
    {
        All = certificates;
        Dictionary<string, TlsCertificate> second = [];
        foreach (TlsCertificate certificate in certificates)
        {
            foreach (string name in certificate.Facts.Names)
            {
                if (!_byName.TryAdd(name, certificate) && IsRsa(_byName[name]) != IsRsa(certificate))
                {
                    second.TryAdd(name, certificate);
                }
            }
        }

        _default = fallback;
        if (join is not null)
        {
            foreach ((string name, TlsCertificate other) in second)
            {
                TlsCertificate first = _byName[name];
                _byName[name] = join(first, other);
                _default = _default == first ? _byName[name] : _default;
            }
        }

        foreach ((string name, TlsCertificate certificate) in _byName)
        {
            if (IPAddress.TryParse(name, out IPAddress? address))
            {
                _byAddress.Add(BitsOf(address), certificate);
            }
        }

        _lookup = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    internal IReadOnlyList<TlsCertificate> All { get; }

    /// <summary>Whether any certificate is for an address.</summary>
    internal bool HasAddresses => _byAddress.Count > 0;

    /// <param name="name">As the client has sent it; empty where it has sent none.</param>
    internal TlsCertificate? Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Length > NameBytesAtMost)
        {
            return _default;
        }

        Span<char> text = stackalloc char[name.Length + 1];
        Span<char> lower = text[1..];
        for (int i = 0; i < name.Length; i++)
        {
            lower[i] = name[i] is >= (byte)'A' and <= (byte)'Z' ? (char)(name[i] | 0x20) : (char)name[i];
        }

        if (_lookup.TryGetValue(lower, out TlsCertificate? exact))
        {
            return exact;
        }

        int dot = lower.IndexOf('.');
        if (dot > 0)
        {
            // The star takes the place of the first label.
            Span<char> wildcard = text[dot..];
            wildcard[0] = '*';
            if (_lookup.TryGetValue(wildcard, out TlsCertificate? covering))
            {
                return covering;
            }
        }

        return _default;
    }

    /// <summary>For a client that asks for no name.</summary>
    /// <param name="address">That it has connected to: a socket's address (struct sockaddr_in or sockaddr_in6).</param>
    internal TlsCertificate? FindByAddress(ReadOnlySpan<byte> address) =>
        _byAddress.TryGetValue(BitsOf(address), out TlsCertificate? certificate) ? certificate : _default;

    private static bool IsRsa(TlsCertificate certificate) => certificate.Facts.Key == "rsa";

    // As one of IPv6, with those of IPv4 mapped into it (RFC 4291 §2.5.5.2).
    private static UInt128 BitsOf(ReadOnlySpan<byte> socketAddress) => BitConverter.ToUInt16(socketAddress) == Libc.AF_INET
        ? new UInt128(0, 0xFFFF_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(socketAddress[4..]))
        : BinaryPrimitives.ReadUInt128BigEndian(socketAddress[8..]);

    private static UInt128 BitsOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
