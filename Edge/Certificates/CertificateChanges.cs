using System.Globalization;
using Edge.Config;
using Edge.Telemetry;

namespace Edge.Certificates;

/// <summary>What is other in the certificates than before, for the log and the events.</summary>
internal sealed class CertificateChanges
{
    private readonly List<(string Kind, string Source, string What)> _good = [];

    internal CertificateChanges(
        IReadOnlyList<CertificateEntry> before, IReadOnlyList<CertificateEntry> after,
        IReadOnlyList<CertificateFault> faultsBefore, IReadOnlyList<CertificateFault> faultsAfter)
    {
        ILookup<(string, string), CertificateEntry> old = before.ToLookup(IdOf);
        foreach (CertificateEntry entry in after)
        {
            CertificateEntry? was = old[IdOf(entry)].FirstOrDefault();
            if (was?.Certificate != entry.Certificate)
            {
                string until = entry.Certificate.Facts.Until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
                _good.Add(("certificate_loaded", entry.Source, $"{NamesOf(entry)}, good until {until}"));
            }

            if (entry.LastError is { } error && error != was?.LastError)
            {
                Errors.Add(("certificate_kept", entry.Source, $"{NamesOf(entry)}: {error}; the one that was there before is shown"));
            }
        }

        HashSet<(string, string)> there = [.. after.Select(IdOf)];
        _good.AddRange(before.Where(entry => !there.Contains(IdOf(entry))).Select(entry => ("certificate_gone", entry.Source, NamesOf(entry))));
        Errors.AddRange(faultsAfter.Except(faultsBefore).Select(fault => ("certificate_failed", fault.Source, fault.Why)));
    }

    /// <summary>What failed that had not failed before, or failed otherwise.</summary>
    internal List<(string Kind, string Source, string What)> Errors { get; } = [];

    /// <summary>Writes a line each, and publishes them; of very many the first ones, and how many more there are.</summary>
    /// <param name="log">Gets the lines.</param>
    /// <param name="publish">Gets the kind and a sentence; null at the start, when only what fails is told.</param>
    internal void Tell(Log log, Action<string, string>? publish)
    {
        foreach ((string kind, string source, string what) in Errors.Take(Limits.CertificatesNamed))
        {
            log.Warning(kind, ("source", source), ("why", what));
            publish?.Invoke(kind, $"{source}: {what}");
        }

        More(Errors.Count, "certificate_failed");
        if (publish is null)
        {
            return;
        }

        foreach ((string kind, string source, string what) in _good.Take(Limits.CertificatesNamed))
        {
            log.Info(kind, ("source", source), ("what", what));
            publish(kind, $"{source}: {what}");
        }

        More(_good.Count, "certificate_loaded");

        void More(int count, string kind)
        {
            if (count > Limits.CertificatesNamed)
            {
                log.Info(kind, ("more", count - Limits.CertificatesNamed));
                publish?.Invoke(kind, $"{count - Limits.CertificatesNamed} more");
            }
        }
    }

    // A source may have several, each for other names.
    private static (string Source, string First) IdOf(CertificateEntry entry) => (entry.Source, entry.Names.Count > 0 ? entry.Names[0] : "");

    private static string NamesOf(CertificateEntry entry) => entry.Names.Count switch
    {
        0 => "no name",
        <= 3 => string.Join(", ", entry.Names),
        _ => $"{entry.Names[0]}, {entry.Names[1]} and {entry.Names.Count - 2} more",
    };
}
