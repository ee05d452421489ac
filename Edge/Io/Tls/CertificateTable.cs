using System.Text;

namespace Edge.Io;

/// <summary>
/// Which certificate a client gets to see: the one of exactly the name that it asks for, else the one whose wildcard covers it (RFC 9525 §6.3: one label,
/// the leftmost), else the default. Immutable: a change builds a new one and swaps it in whole.
/// </summary>
internal sealed class CertificateTable
{
    /// <summary>The longest name of a host, in bytes (RFC 1035 §2.3.4).</summary>
    private const int NameBytesAtMost = 255;

    private readonly Dictionary<string, TlsCertificate> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TlsCertificate>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly TlsCertificate? _default;

    /// <param name="certificates">The first of those for one name holds.</param>
    /// <param name="fallback">Whom those see who ask for another name, or for none; null refuses other names.</param>
    internal CertificateTable(IReadOnlyList<TlsCertificate> certificates, TlsCertificate? fallback)
    {
        All = certificates;
        _default = fallback;
        foreach (TlsCertificate certificate in certificates)
        {
            foreach (string name in certificate.Facts.Names)
            {
                _byName.TryAdd(name, certificate);
            }
        }

        _lookup = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    internal IReadOnlyList<TlsCertificate> All { get; }

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
}
