using Edge.Io;
using Edge.Telemetry;

namespace Edge.Control;

/// <summary>TLS with clients, since the start.</summary>
/// <param name="Library">The name and version of the library.</param>
/// <param name="Handshakes">Handshakes that were done.</param>
/// <param name="Tls12">Those of TLS 1.2.</param>
/// <param name="Tls13">Those of TLS 1.3.</param>
/// <param name="Resumed">Those that went on with the keys of an earlier session.</param>
/// <param name="ResumedShare">The share of those, 0 to 1; null if there was no handshake.</param>
/// <param name="Failures">Handshakes that failed, by reason; only reasons that have occurred.</param>
/// <param name="HandshakeMilliseconds">How long handshakes took; null if there was none.</param>
internal sealed record TlsReport(
    string Library,
    long Handshakes,
    long Tls12,
    long Tls13,
    long Resumed,
    double? ResumedShare,
    IReadOnlyDictionary<string, long> Failures,
    LatencyReport? HandshakeMilliseconds)
{
    internal static TlsReport Of(string library, in LoopCounters counted)
    {
        long all = counted.HandshakesTls12 + counted.HandshakesTls13;
        var failures = new Dictionary<string, long>();
        for (int i = 0; i < TlsFailures.Count; i++)
        {
            if (counted.HandshakeFailures[i] > 0)
            {
                failures.Add(((TlsFailure)i).Word(), counted.HandshakeFailures[i]);
            }
        }

        return new(
            library, all, counted.HandshakesTls12, counted.HandshakesTls13, counted.HandshakesResumed,
            all == 0 ? null : Math.Round((double)counted.HandshakesResumed / all, 4),
            failures,
            LatencyReport.Of(counted.Handshake));
    }
}
