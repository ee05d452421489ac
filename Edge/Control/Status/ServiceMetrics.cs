using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Control;

/// <summary>
/// Writes the metrics of what the clients of each service see; see <see cref="Metrics"/>. Series of the default service have no label of a service, and
/// count those requests, too, of which no service is known. So the sum over all series is that of all requests.
/// </summary>
internal sealed class ServiceMetrics
{
    // These exist from the beginning, because a rate over a series does not contain what came before its first sample.
    private static readonly int[] s_expected = [200, 400, 404, 408, 500, 502, 503, 504, 0];

    private readonly PrometheusText _text;
    private readonly IPlaneFigures _plane;
    private readonly (Label[] Labels, Service Service, ServiceCounters Counts)[] _all;

    /// <param name="text">Gets the metrics.</param>
    /// <param name="plane">The counts of the loops.</param>
    /// <param name="services">The services, the default one first.</param>
    internal ServiceMetrics(PrometheusText text, IPlaneFigures plane, IEnumerable<FleetFigures> services)
    {
        (_text, _plane) = (text, plane);
        _all = [.. services.Select(one => (one.Labels, one.Service, plane.Figures(one.Service)))];
    }

    internal void WriteRequests()
    {
        _text.Counter(
            "edge_http_requests_total",
            "Requests of clients that are over, by their method and the status that the client got; none where it got none.");
        foreach ((Label[] labels, Service service, _) in _all)
        {
            WriteAnswers(_text, _plane, _plane.Answers(service), labels, isWhole: labels.Length == 0);
        }

        _text.Gauge("edge_http_requests_in_flight", "Requests of clients that are under way, and tunnels.");
        Each(counts => counts.InFlight);
        _text.Histogram("edge_http_request_duration_seconds", "From the end of a request's head until the last of its answer was handed to the kernel.");
        foreach ((Label[] labels, _, ServiceCounters counts) in _all)
        {
            _text.Add(counts.Duration, labels);
        }

        _text.Counter("edge_http_failures_total", "Requests that did not end as they should, by reason.");
        foreach ((Label[] labels, _, ServiceCounters counts) in _all)
        {
            WriteReasons(_text, counts.Failures, labels, r => labels.Length == 0 && r is not (Reason.None or Reason.Status or Reason.ReplicaUnwell));
        }
    }

    internal void WriteTunnels()
    {
        _text.Gauge("edge_tunnels", "Connections of clients that carry another protocol; their requests are over with the 101.");
        Each(counts => counts.Tunnels);
    }

    internal void WriteQueues()
    {
        _text.Histogram("edge_queue_duration_seconds", "What requests that had to wait for room waited.");

        // Most services never have a request that waits, and a histogram is many series.
        foreach ((Label[] labels, _, ServiceCounters counts) in _all.Where(one => one.Labels.Length == 0 || one.Counts.Queue.Count > 0))
        {
            _text.Add(counts.Queue, labels);
        }

        _text.Gauge("edge_queue_requests", "Requests that wait for room.");
        Each(counts => counts.Waiting);
        _text.Counter("edge_queue_turned_away_total", "Requests that found no room even to wait.");
        Each(counts => counts.TurnedAway);
    }

    /// <summary>Writes how often each method got each status.</summary>
    /// <param name="text">Gets the metrics.</param>
    /// <param name="plane">Knows the methods.</param>
    /// <param name="answers">The counts.</param>
    /// <param name="labels">Before those of method and status.</param>
    /// <param name="isWhole">Whether POST has its statuses from the beginning, as GET has; then all methods that have occurred have.</param>
    internal static void WriteAnswers(PrometheusText text, IPlaneFigures plane, AnswerTable answers, Label[] labels, bool isWhole)
    {
        answers.Expect(isWhole ? [NumberOf("GET"), NumberOf("POST")] : [NumberOf("GET")]);
        foreach (AnswerCount answer in answers.All(s_expected))
        {
            text.Add(answer.Count, [.. labels, new Label("method", plane.Methods[answer.Method]), new Label("code", answer.Code)]);
        }

        int NumberOf(string method) => plane.Methods.TakeWhile(m => m != method).Count();
    }

    /// <summary>Writes how often each reason occurred.</summary>
    /// <param name="text">Gets the metrics.</param>
    /// <param name="counts">The counts.</param>
    /// <param name="labels">Before that of the reason.</param>
    /// <param name="mayBe">Which reasons are written before they have occurred.</param>
    internal static void WriteReasons(PrometheusText text, ReasonCounts counts, Label[] labels, Func<Reason, bool> mayBe)
    {
        for (int reason = 0; reason < Reasons.Count; reason++)
        {
            // Reasons that should not be possible are shown if they occur all the same, so that no count is hidden.
            if (counts[reason] > 0 || mayBe((Reason)reason))
            {
                text.Add(counts[reason], [.. labels, new Label("reason", ((Reason)reason).Word())]);
            }
        }
    }

    private void Each(Func<ServiceCounters, long> value)
    {
        foreach ((Label[] labels, _, ServiceCounters counts) in _all)
        {
            _text.Add(value(counts), labels);
        }
    }
}
