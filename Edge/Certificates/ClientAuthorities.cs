using Edge.Config;
using Edge.Io;

namespace Edge.Certificates;

/// <summary>
/// The rules on the certificates of clients, from options and a file. If the file cannot be used, the rules that held before
/// stay, never none.
/// As a source it has no certificate to show, and the fault of the file.
/// </summary>
internal sealed class ClientAuthorities : ICertificateSource
{
    private readonly Lock _one = new();
    private readonly Action<ClientVerification?> _use;
    private TlsOptions _options;
    private FileIdentity? _read;
    private FileIdentity? _seen;
    private volatile CertificateFault? _fault;

    /// <param name="options">Which rules.</param>
    /// <param name="use">Puts rules into effect, which belong to it from then on; null asks clients for no certificate.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not read it.</exception>
    /// <exception cref="TlsException">Its content cannot be used.</exception>
    internal ClientAuthorities(TlsOptions options, Action<ClientVerification?> use)
    {
        (_options, _use) = (options, use);
        _read = _seen = Identity(options);
        if (options.ClientCertificates != ClientCertificatesRule.None)
        {
            use(Read(options));
        }
    }

    public IReadOnlyList<CertificateEntry> Current => [];

    /// <summary>Why the file cannot be used now.</summary>
    public IReadOnlyList<CertificateFault> Faults => _fault is { } fault ? [fault] : [];

    public event Action? Changed;

    /// <summary>Reads the certificates that vouch for those of clients.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not read it.</exception>
    /// <exception cref="TlsException">Its content cannot be used.</exception>
    internal static ClientVerification Read(TlsOptions options) => ClientVerification.Read(
        CertificateFile.ReadText(options.ClientAuthorities), options.ClientCertificates == ClientCertificatesRule.Required);

    /// <summary>Has other options hold, and reads the file if it has changed, at once: on SIGHUP.</summary>
    internal void Use(TlsOptions options)
    {
        lock (_one)
        {
            bool isOther = (options.ClientCertificates, options.ClientAuthorities) != (_options.ClientCertificates, _options.ClientAuthorities);
            _options = options;
            Update(isOther, atOnce: true);
        }
    }

    /// <summary>Looks at the file, and reads it if it has changed and is the same as in the last look.</summary>
    internal void Look()
    {
        lock (_one)
        {
            Update(isOther: false, atOnce: false);
        }
    }

    private void Update(bool isOther, bool atOnce)
    {
        CertificateFault? before = _fault;
        try
        {
            FileIdentity? now = Identity(_options);
            if (isOther || (now != _read && (atOnce || now == _seen)))
            {
                _read = now;
                _use(_options.ClientCertificates == ClientCertificatesRule.None ? null : Read(_options));
                _fault = null;
            }

            _seen = now;
        }
        catch (Exception broken) when (CertificateFile.IsFault(broken))
        {
            _fault = new CertificateFault(_options.ClientAuthorities, CertificateFile.WhyOf(broken));
        }

        if (before != _fault)
        {
            Changed?.Invoke();
        }
    }

    private static FileIdentity? Identity(TlsOptions options) =>
        options.ClientCertificates == ClientCertificatesRule.None ? null : FileIdentity.Of(options.ClientAuthorities);
}
