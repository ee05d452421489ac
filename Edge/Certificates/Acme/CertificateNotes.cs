using System.Globalization;
using Edge.Telemetry;

namespace Edge.Certificates;

/// <summary>What is said of certificates: lines of the process log, and events. docs/https.md lists them.</summary>
internal sealed class CertificateNotes(Log log, TimeProvider time)
{
    /// <summary>Something that is worth an event: its kind, and what happened in words. From any thread.</summary>
    internal event Action<string, string>? Happened;

    internal void Ordered(ManagedName name, string authority, ChallengeKind proof) =>
        log.Info("certificate_ordered", ("host", name.Host), ("from", authority), ("proof", proof), ("renews", name.Issued is not null));

    internal void Issued(ManagedName name)
    {
        Io.CertificateFacts facts = name.Certificate.Facts;
        log.Info(
            "certificate_issued", ("host", name.Host), ("issuer", facts.Issuer), ("until", facts.Until), ("serial", facts.Serial),
            ("renews_at", name.OrderAt));
        Happened?.Invoke("certificate_issued", string.Create(CultureInfo.InvariantCulture, $"{name.Host}, by {facts.Issuer}, until {facts.Until:yyyy-MM-dd}"));
    }

    internal void Taken(ManagedName name) =>
        log.Info("certificate_taken", ("host", name.Host), ("until", name.Certificate.Facts.Until), ("from", "another process with the same folder"));

    internal void RenewalAsked(ManagedName name, string explanation) =>
        log.Warning("certificate_renewal_asked", ("host", name.Host), ("why", explanation));

    internal void WindowUnknown(ManagedName name, AcmeException failed) =>
        log.Info("certificate_window_unknown", ("host", name.Host), ("why", failed.Message));

    internal void Failed(ManagedName name, FailureRecord failures)
    {
        string kind = name.Issued is null ? "certificate_order_failed" : "certificate_renewal_failed";
        double days = name.Issued is null ? 0 : (name.Certificate.Facts.Until - time.GetUtcNow()).TotalDays;
        log.Warning(
            kind, ("host", name.Host), ("why", failures.Why), ("attempt", failures.Count), ("retry_at", failures.RetryAt),
            ("days_left", string.Create(CultureInfo.InvariantCulture, $"{days:0.0}")));
        Happened?.Invoke(kind, $"{name.Host}: {failures.Why}");
    }

    internal void StorageFailed(ManagedName name, Exception failed) =>
        log.Error("certificate_storage_failed", ("host", name.Host), ("why", failed.Message));

    internal void Outage(ManagedName name, AcmeException failed, int attempt, DateTimeOffset retryAt)
    {
        log.Warning("acme_outage", ("why", failed.Message), ("met_by", name.Host), ("attempt", attempt), ("retry_at", retryAt));
        Happened?.Invoke("acme_outage", failed.Message);
    }

    internal void Expired(ManagedName name)
    {
        log.Error("certificate_expired", ("host", name.Host), ("until", name.Certificate.Facts.Until), ("why", name.Failures?.Why));
        Happened?.Invoke("certificate_expired", $"{name.Host}: {name.Failures?.Why}");
    }
}
