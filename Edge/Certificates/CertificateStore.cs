using Edge.Config;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Certificates;

/// <summary>
/// Makes one immutable table of all sources' certificates, and swaps it in when one of them changes. What is in no table any more is freed when every loop
/// has turned since: a handshake may be looking into the old table until then. From any thread.
/// </summary>
internal sealed class CertificateStore
{
    private readonly TlsFrontend _frontend;
    private readonly IReadOnlyList<ICertificateSource> _sources;
    private readonly Func<Task> _afterEveryLoopTurned;
    private readonly Log _log;
    private readonly Lock _one = new();
    private Dictionary<(TlsCertificate, TlsCertificate), TlsCertificate> _joined = [];
    private volatile IReadOnlyList<CertificateEntry> _entries = [];
    private volatile IReadOnlyList<CertificateFault> _faults = [];
    private UnknownNamesRule _unknownNames;
    private long _errors;

    /// <param name="frontend">Gets the table.</param>
    /// <param name="sources">Those that count most first.</param>
    /// <param name="unknownNames">What other names get.</param>
    /// <param name="afterEveryLoopTurned">Completes when every loop has begun a turn after this call.</param>
    /// <param name="log">Gets a line for each certificate that changes.</param>
    internal CertificateStore(
        TlsFrontend frontend, IReadOnlyList<ICertificateSource> sources, UnknownNamesRule unknownNames, Func<Task> afterEveryLoopTurned, Log log)
    {
        (_frontend, _sources, _afterEveryLoopTurned, _log, _unknownNames) = (frontend, sources, afterEveryLoopTurned, log, unknownNames);
        Merge(isFirst: true);
        foreach (ICertificateSource source in sources)
        {
            source.Changed += () => Merge(isFirst: false);
        }
    }

    /// <summary>A certificate came, failed or went: the kind of event, and what happened in a sentence.</summary>
    internal event Action<string, string>? Happened;

    /// <summary>The certificates of all sources.</summary>
    internal IReadOnlyList<CertificateEntry> Entries => _entries;

    /// <summary>What should be a certificate and is none.</summary>
    internal IReadOnlyList<CertificateFault> Faults => _faults;

    /// <summary>Those of the certificates that are shown: all, or the ones that end first if there are very many.</summary>
    internal IReadOnlyList<CertificateEntry> Shown => _entries is { Count: > Limits.CertificatesShown } many
        ? [.. many.OrderBy(entry => entry.Certificate.Facts.Until).Take(Limits.CertificatesShown)]
        : _entries;

    /// <summary>How often a certificate could not be read or renewed, since the start.</summary>
    internal long Errors => Interlocked.Read(ref _errors);

    /// <summary>Has another rule hold for names without a certificate.</summary>
    internal void Use(UnknownNamesRule unknownNames)
    {
        lock (_one)
        {
            if (_unknownNames == unknownNames)
            {
                return;
            }

            _unknownNames = unknownNames;
        }

        Merge(isFirst: false);
    }

    private void Merge(bool isFirst)
    {
        CertificateChanges changes;
        lock (_one)
        {
            CertificateEntry[] entries = [.. _sources.SelectMany(source => source.Current)];
            CertificateFault[] faults = [.. _sources.SelectMany(source => source.Faults)];
            TlsCertificate[] certificates = [.. entries.Select(entry => entry.Certificate)];
            TlsCertificate[] before = [.. _entries.Select(entry => entry.Certificate), .. _joined.Values];
            Dictionary<(TlsCertificate, TlsCertificate), TlsCertificate> joined = [];
            TlsCertificate? fallback = _unknownNames == UnknownNamesRule.Refuse ? null : certificates.FirstOrDefault();
            _frontend.Certificates = new CertificateTable(certificates, fallback, (first, second) => Join(first, second, joined));
            changes = new CertificateChanges(_entries, entries, _faults, faults);
            (_entries, _faults, _joined) = (entries, faults, joined);
            _ = FreeAsync([.. before.Except([.. certificates, .. joined.Values])]);
        }

        Interlocked.Add(ref _errors, changes.Errors.Count);
        if (isFirst)
        {
            _log.Info("certificates", ("count", _entries.Count), ("names", _entries.Sum(entry => entry.Names.Count)));
        }

        changes.Tell(_log, isFirst ? null : Happened);
    }

    // Two that were joined before are joined already.
    private TlsCertificate Join(TlsCertificate first, TlsCertificate second, Dictionary<(TlsCertificate, TlsCertificate), TlsCertificate> joined)
    {
        if (!joined.TryGetValue((first, second), out TlsCertificate? both))
        {
            both = _joined.TryGetValue((first, second), out TlsCertificate? known) ? known : TlsCertificate.Join(first, second, _frontend.Tickets);
            joined.Add((first, second), both);
        }

        return both;
    }

    private async Task FreeAsync(TlsCertificate[] certificates)
    {
        if (certificates.Length > 0)
        {
            await _afterEveryLoopTurned().ConfigureAwait(false);
            Array.ForEach(certificates, certificate => certificate.Dispose());
        }
    }
}
