using Edge.Config;
using Edge.Io;

namespace Edge.Certificates;

/// <summary>
/// Certificates from files: those that options name, then those of a folder. A file is read when it is another one than before: one that was written, a
/// renamed one, or one that a link leads to now. A file that cannot be used changes nothing but <see cref="CertificateEntry.LastError"/>.
/// </summary>
internal sealed class FileCertificates : ICertificateSource
{
    private readonly Lock _one = new();
    private readonly TicketKeys _tickets;
    private Dictionary<CertificatePair, CertificateFile> _files = [];
    private TlsOptions _options;
    private List<CertificatePair> _inFolder = [];
    private CertificateFault? _folderFault;
    private volatile IReadOnlyList<CertificateEntry> _current = [];
    private volatile IReadOnlyList<CertificateFault> _faults = [];

    /// <summary>Reads all files at once. What cannot be read is among the <see cref="Faults"/>.</summary>
    /// <param name="options">Which files.</param>
    /// <param name="tickets">The process's keys.</param>
    internal FileCertificates(TlsOptions options, TicketKeys tickets)
    {
        (_options, _tickets) = (options, tickets);
        Update(atOnce: true);
    }

    public IReadOnlyList<CertificateEntry> Current => _current;

    public IReadOnlyList<CertificateFault> Faults => _faults;

    public event Action? Changed;

    /// <summary>Reads what is new or has changed, at once: options were read again, on SIGHUP.</summary>
    internal void Read(TlsOptions options)
    {
        bool changed;
        lock (_one)
        {
            _options = options;
            changed = Update(atOnce: true);
        }

        Tell(changed);
    }

    /// <summary>Looks at the files, and reads those that have changed and are the same as in the last look.</summary>
    internal void Look()
    {
        bool changed;
        lock (_one)
        {
            changed = Update(atOnce: false);
        }

        Tell(changed);
    }

    private void Tell(bool changed)
    {
        if (changed)
        {
            Changed?.Invoke();
        }
    }

    private bool Update(bool atOnce)
    {
        CertificateFault? folderFault = _folderFault;
        bool changed = LookIntoFolder(atOnce);
        CertificatePair[] wanted = [.. Named(_options).Concat(_inFolder).Distinct().Take(Limits.Certificates)];
        var files = new Dictionary<CertificatePair, CertificateFile>(wanted.Length);
        foreach (CertificatePair pair in wanted)
        {
            changed |= !_files.TryGetValue(pair, out CertificateFile? file);
            file ??= new CertificateFile(pair);

            // A file that was found just now is one that may not be whole yet.
            changed |= file.Refresh(atOnce, _tickets);
            files.Add(pair, file);
        }

        changed |= files.Count != _files.Count || folderFault != _folderFault;
        _files = files;
        if (changed)
        {
            _current = [.. files.Values.Where(file => file.Certificate is not null).Select(Entry)];
            IEnumerable<CertificateFault> none = files.Values.Where(file => file is { Certificate: null, Error: not null })
                .Select(file => new CertificateFault(file.Pair.File, file.Error!));
            _faults = [.. none, .. _folderFault is { } fault ? [fault] : Array.Empty<CertificateFault>()];
        }

        return changed;
    }

    private static CertificateEntry Entry(CertificateFile file) =>
        new(file.Certificate!, file.Pair.File, file.Error, RenewsAt: null, file.Certificate!.Facts.Names);

    internal static IEnumerable<CertificatePair> Named(TlsOptions options) =>
        options.Certificates.Select(one => new CertificatePair(one.File, one.Key.Length > 0 ? one.Key : one.File, IsNamed: true));

    // A file that is missing once stays: it may be about to be replaced. A folder that cannot be read keeps all that was in it. Returns whether it has another
    // fault now.
    private bool LookIntoFolder(bool atOnce)
    {
        CertificateFault? before = _folderFault;
        _folderFault = null;
        if (_options.Folder.Length == 0)
        {
            _inFolder = [];
            return before is not null;
        }

        try
        {
            List<CertificatePair> found = CertificateFolder.Find(_options.Folder);
            if (found.Count > Limits.Certificates)
            {
                string why = $"it has {found.Count} certificates; allowed are {Limits.Certificates}, and the rest is passed over";
                _folderFault = new CertificateFault(_options.Folder, why);
            }

            HashSet<CertificatePair> there = [.. found];
            foreach (CertificateFile file in _files.Values)
            {
                bool isMissing = !file.Pair.IsNamed && !there.Contains(file.Pair);
                if (isMissing && !file.WasMissing && !atOnce)
                {
                    found.Add(file.Pair);
                }

                file.WasMissing = isMissing;
            }

            _inFolder = [.. found.OrderBy(pair => pair.File, StringComparer.Ordinal)];
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            _folderFault = new CertificateFault(_options.Folder, CertificateFile.WhyOf(refused));
        }

        return before != _folderFault;
    }
}
