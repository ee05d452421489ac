using Edge.Certificates;
using Edge.Config;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>The certificates of the process: their sources, and the TLS that clients see with them.</summary>
internal sealed class ServedCertificates : IDisposable
{
    private readonly FileCertificates _files;
    private readonly ClientAuthorities _authorities;
    private readonly FileWatch _watch;
    private readonly Func<Task> _afterEveryLoopTurned;

    private ServedCertificates(
        EdgeOptions options, TicketKeys tickets, IReadOnlyList<ICertificateSource> others, Func<Task> afterEveryLoopTurned, Log log, TimeProvider time)
    {
        // From here on there are keys in the memory.
        Privileges.HideMemory();
        _afterEveryLoopTurned = afterEveryLoopTurned;
        Frontend = new TlsFrontend(new CertificateTable([], null), tickets);
        _files = new FileCertificates(options.Tls, tickets);
        _authorities = new ClientAuthorities(options.Tls, Verify);
        Store = new CertificateStore(Frontend, [_files, .. others, _authorities], options.Tls.UnknownNames, afterEveryLoopTurned, log);
        _watch = new FileWatch(time, Look);
    }

    /// <summary>What the loops shake hands with.</summary>
    internal TlsFrontend Frontend { get; }

    /// <summary>Whether a file has a certificate for a name, or a wildcard that it is below.</summary>
    internal bool HaveFiles(string name)
    {
        string below = name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? $"*{name[dot..]}" : name;
        return _files.Current.Any(entry => entry.Names.Any(
            known => known.Equals(name, StringComparison.OrdinalIgnoreCase) || known.Equals(below, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>What is known of the certificates.</summary>
    internal CertificateStore Store { get; }

    /// <summary>Reads the certificates. To be called while the process may still read all keys.</summary>
    /// <param name="options">Which certificates.</param>
    /// <param name="tickets">The process's keys.</param>
    /// <param name="others">Sources beside the files, which count less.</param>
    /// <param name="afterEveryLoopTurned">Completes when every loop has begun a turn after this call.</param>
    /// <param name="log">The process log.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="CertificateException">One that options name cannot be used, or there is none at all.</exception>
    internal static ServedCertificates Read(
        EdgeOptions options, TicketKeys tickets, IReadOnlyList<ICertificateSource> others, Func<Task> afterEveryLoopTurned, Log log, TimeProvider time)
    {
        ServedCertificates read;
        try
        {
            read = new ServedCertificates(options, tickets, others, afterEveryLoopTurned, log, time);
        }
        catch (Exception broken) when (CertificateFile.IsFault(broken))
        {
            string why = CertificateFile.WhyOf(broken);
            throw new CertificateException($"Edge:Tls:ClientAuthorities is \"{options.Tls.ClientAuthorities}\", which cannot be used: {why}");
        }

        if (read.Fatal(options.Tls) is { } fatal)
        {
            read.Dispose();
            throw new CertificateException(fatal);
        }

        return read;
    }

    /// <summary>Why other options cannot take the place of these; null if they can.</summary>
    internal static string? Refusal(TlsOptions now, TlsOptions next)
    {
        if (next.ClientCertificates == ClientCertificatesRule.None
            || (now.ClientCertificates, now.ClientAuthorities) == (next.ClientCertificates, next.ClientAuthorities))
        {
            return null;
        }

        try
        {
            ClientAuthorities.Read(next).Dispose();
            return null;
        }
        catch (Exception broken) when (CertificateFile.IsFault(broken))
        {
            return CertificateFile.WhyOf(broken);
        }
    }

    /// <summary>Has other options hold, and reads what has changed in the files.</summary>
    internal void Use(TlsOptions options)
    {
        _authorities.Use(options);
        _files.Read(options);
        Store.Use(options.UnknownNames);
    }

    public void Dispose() => _watch.Dispose();

    private void Look()
    {
        _files.Look();
        _authorities.Look();
    }

    private void Verify(ClientVerification? clients) => _ = FreeAsync(Frontend.Verify(clients));

    private async Task FreeAsync(Action free)
    {
        await _afterEveryLoopTurned();
        free();
    }

    private string? Fatal(TlsOptions options)
    {
        CertificateFault[] named = [.. Store.Faults.Where(fault => options.Certificates.Any(one => one.File == fault.Source))];
        CertificateFault[] fatal = named.Length > 0 ? named : Store.Entries.Count == 0 ? [.. Store.Faults] : [];
        return fatal.Length > 0 ? string.Join("; ", fatal.Select(fault => $"{fault.Source} cannot be used as a certificate: {fault.Why}"))
            : Store.Entries.Count == 0 && options.NamesFiles() ? $"there is no certificate in {options.Folder} (Edge:Tls:Folder)"
            : null;
    }
}
