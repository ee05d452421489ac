using Edge.Certificates;
using Edge.Config;
using Edge.Fleet;
using Edge.Io;
using Edge.Routing;
using Edge.Services;
using Edge.Telemetry;

namespace Edge.Control;

/// <summary>
/// Writes /edge/metrics. Metrics of what clients see have no label of a replica, and never decrease while the process lives. Metrics of a replica
/// exist while it is a member of the fleet. When it has left, its series end, and its counts do not move to another series, because a rate over that
/// one would show them as a burst.
/// </summary>
/// <param name="fleet">The replicas, and the counts of the control plane.</param>
/// <param name="plane">The counts of the loops.</param>
/// <param name="build">The program.</param>
/// <param name="started">When the process began to serve.</param>
internal sealed class Metrics(FleetManager fleet, IPlaneFigures plane, Build build, DateTimeOffset started)
{
    // These exist from the beginning, because a rate over a series does not contain what came before its first sample.
    private static readonly int[] s_expected = [200, 400, 404, 408, 500, 502, 503, 504, 0];

    internal AccessLog? Log { get; init; }

    /// <summary>The certificates that clients get to see; null without TLS.</summary>
    internal CertificateStore? Certificates { get; init; }

    /// <summary>The services beside the default one; null where there can be none.</summary>
    internal ServiceRegistry? Services { get; init; }

    // The series of the default service have no label of a service.
    private FleetFigures[] Fleets() =>
    [
        new([], fleet.Snapshot, fleet.Counters, Services?.ModeOf(null) ?? ServiceMode.Open),
        .. (Services?.All ?? []).Select(s => new FleetFigures(
            [new Label("service", s.Name)], s.Fleet.Snapshot, s.Fleet.Counters, Services!.ModeOf(s.Name))),
    ];

    internal ReadOnlyMemory<byte> Write()
    {
        var text = new PrometheusText();
        LoopCounters[] loops = [.. Enumerable.Range(0, plane.Loops).Select(plane.Figures)];
        LoopCounters sum = default;
        for (int i = 0; i < loops.Length; i++)
        {
            Counters.AddTo(ref loops[i], ref sum);
        }

        WriteClients(text, sum, plane);
        WriteTls(text, sum);
        WriteCertificates(text, Certificates?.Shown ?? [], Certificates?.Faults ?? [], Certificates?.Errors ?? 0);
        WriteUpstream(text, sum);
        FleetFigures[] fleets = Fleets();
        FleetMetrics.WriteFleets(text, fleets);
        FleetMetrics.WriteReplicas(text, fleets, plane.Methods);
        WriteLoops(text, loops, sum);
        WriteLog(text, sum);
        WriteProcess(text);
        return text.Text;
    }

    private static void WriteClients(PrometheusText text, in LoopCounters sum, IPlaneFigures plane)
    {
        text.Counter(
            "edge_http_requests_total",
            "Requests of clients that are over, by their method and the status that the client got; none where it got none.");
        WriteAnswers(text, plane, plane.Answers());
        text.Gauge("edge_http_requests_in_flight", "Requests of clients that are under way, and tunnels.");
        text.Add(sum.InFlight);
        text.Histogram("edge_http_request_duration_seconds", "From the end of a request's head until the last of its answer was handed to the kernel.");
        text.Add(sum.Duration);
        text.Counter("edge_http_failures_total", "Requests that did not end as they should, by reason.");
        WriteReasons(text, sum.Failures, r => r is not (Reason.None or Reason.Status or Reason.ReplicaUnwell));
        text.Counter("edge_own_requests_total", "Requests for the balancer's own paths, which are not among the others.");
        WriteAnswers(text, plane, plane.ControlAnswers());
        text.Gauge("edge_client_connections", "Open connections of clients.");
        text.Add(sum.InFlight, new Label("state", "active"));
        text.Add(Math.Max(0, sum.Clients - sum.InFlight), new Label("state", "idle"));
        text.Gauge("edge_tunnels", "Connections of clients that carry another protocol; their requests are over with the 101.");
        text.Add(sum.Tunnels);
        text.Counter("edge_client_connections_accepted_total", "Connections of clients that were accepted.");
        text.Add(sum.ClientsAccepted);
        text.Counter("edge_client_connections_refused_total", "Connections of clients that were turned away for a limit.");
        text.Add(sum.ClientsRefused);
        text.Counter("edge_client_received_bytes_total", "Bytes from clients, heads included.");
        text.Add(sum.ClientBytesReceived);
        text.Counter("edge_client_sent_bytes_total", "Bytes to clients, heads included.");
        text.Add(sum.ClientBytesSent);
    }

    private static void WriteTls(PrometheusText text, in LoopCounters sum)
    {
        text.Counter("edge_tls_handshakes_total", "TLS handshakes of clients that were done, by version.");
        text.Add(sum.HandshakesTls12, new Label("version", "1.2"));
        text.Add(sum.HandshakesTls13, new Label("version", "1.3"));
        text.Counter("edge_tls_handshakes_resumed_total", "Those of these that went on with the keys of an earlier session.");
        text.Add(sum.HandshakesResumed);
        text.Counter("edge_tls_handshake_failures_total", "TLS handshakes of clients that were not done, by reason.");
        for (int failure = (int)TlsFailure.None + 1; failure < TlsFailures.Count; failure++)
        {
            text.Add(sum.HandshakeFailures[failure], new Label("reason", ((TlsFailure)failure).Word()));
        }

        text.Histogram("edge_tls_handshake_duration_seconds", "From the beginning of a client's TLS handshake until it was done.");
        text.Add(sum.Handshake);
    }

    // One certificate is told from another by all three: two kinds of key may be for one name, and one source may have many.
    private static void WriteCertificates(
        PrometheusText text, IReadOnlyList<CertificateEntry> entries, IReadOnlyList<CertificateFault> faults, long errors)
    {
        // A file that is named twice is one source.
        entries = [.. entries.DistinctBy(entry => (entry.Names.Count > 0 ? entry.Names[0] : null, entry.Certificate.Facts.Key, entry.Source))];
        text.Gauge(
            "edge_certificate_not_after_seconds",
            "When a certificate is not good any more, in seconds since 1970. The label certificate is its first name.");
        Each(entry => entry.Certificate.Facts.Until.ToUnixTimeSeconds());
        text.Gauge(
            "edge_certificate_renewal_seconds",
            "When a newer certificate will be asked for, in seconds since 1970; only for those that renew themselves.");
        foreach (CertificateEntry entry in entries.Where(entry => entry.RenewsAt is not null))
        {
            text.Add(entry.RenewsAt!.Value.ToUnixTimeSeconds(), LabelsOf(entry));
        }

        text.Gauge(
            "edge_certificate_failing", "1 where the last attempt to read or renew a certificate failed, and the one before is shown, or none; else 0.");
        Each(entry => entry.LastError is null ? 0 : 1);
        foreach (string source in faults.Select(fault => fault.Source).Distinct().Take(Limits.CertificatesShown))
        {
            text.Add(1, new Label("certificate", ""), new Label("key", ""), new Label("source", source));
        }

        text.Counter("edge_certificate_errors_total", "How often a certificate could not be read or renewed.");
        text.Add(errors);

        void Each(Func<CertificateEntry, long> value)
        {
            foreach (CertificateEntry entry in entries)
            {
                text.Add(value(entry), LabelsOf(entry));
            }
        }

        static Label[] LabelsOf(CertificateEntry entry) =>
        [
            new Label("certificate", entry.Names.Count > 0 ? entry.Names[0] : ""),
            new Label("key", entry.Certificate.Facts.Key),
            new Label("source", entry.Source),
        ];
    }

    private static void WriteUpstream(PrometheusText text, in LoopCounters sum)
    {
        text.Counter("edge_retries_total", "Attempts after which another was made, by the reason why.");
        WriteReasons(text, sum.Retries, r => r is Reason.Status or Reason.ReplicaUnwell or Reason.ConnectFailed or Reason.ConnectTimeout
            or Reason.ReplicaClosed or Reason.StaleConnection or Reason.DrainTimeout or Reason.MalformedResponse or Reason.ResponseHeadTimeout
            or Reason.ReplicaReadTimeout or Reason.HandshakeFailed or Reason.CertificateInvalid);
        text.Gauge("edge_upstream_connections", "Open connections to replicas.");
        text.Add(sum.BusyConnections, new Label("state", "active"));
        text.Add(sum.PooledConnections, new Label("state", "idle"));
        text.Counter("edge_upstream_pool_hits_total", "Attempts that found an open connection in the pool.");
        text.Add(sum.PoolHits);
        text.Counter("edge_upstream_pool_misses_total", "Attempts for which a connection had to be made.");
        text.Add(sum.PoolMisses);
        text.Counter("edge_upstream_tls_handshakes_total", "TLS handshakes with replicas that were done.");
        text.Add(sum.ReplicaHandshakes);
        text.Counter("edge_upstream_tls_handshakes_resumed_total", "Those of these that went on with the keys of an earlier session.");
        text.Add(sum.ReplicaHandshakesResumed);
        text.Histogram("edge_upstream_connect_duration_seconds", "Until a connection to a replica stood, where one was made.");
        text.Add(sum.Connect);
        text.Histogram("edge_queue_duration_seconds", "What requests that had to wait for room waited.");
        text.Add(sum.Queue);
        text.Gauge("edge_queue_requests", "Requests that wait for room.");
        text.Add(sum.Waiting);
        text.Counter("edge_queue_turned_away_total", "Requests that found no room even to wait.");
        text.Add(sum.TurnedAway);
    }

    private static void WriteLoops(PrometheusText text, LoopCounters[] loops, in LoopCounters sum)
    {
        text.Counter("edge_loop_busy_seconds_total", "Time in which an event loop had something to do: its rate is the busy share.");
        Each(l => l.Busy / 1e9);
        text.Counter("edge_loop_idle_seconds_total", "Time in which it waited for events.");
        Each(l => l.Idle / 1e9);
        text.Counter("edge_loop_allocated_bytes_total", "Managed memory that its thread has allocated.");
        Each(l => l.AllocatedBytes);
        text.Histogram("edge_loop_turn_duration_seconds", "The lag of the loops: how long a turn took, which is what an event may have waited for.");
        text.Add(sum.Turn);

        void Each(Func<LoopCounters, double> value)
        {
            for (int loop = 0; loop < loops.Length; loop++)
            {
                text.Add(value(loops[loop]), new Label("loop", $"{loop}"));
            }
        }
    }

    private void WriteLog(PrometheusText text, in LoopCounters sum)
    {
        text.Counter("edge_access_log_lines_total", "Lines of the access log that were handed to its writer.");
        text.Add(sum.LinesLogged);
        text.Counter("edge_access_log_dropped_lines_total", "Lines that were lost, since the destination did not keep up or failed.");
        text.Add(sum.LinesDropped + (Log?.Lost ?? 0));
        text.Counter("edge_access_log_errors_total", "Writes of the access log that failed.");
        text.Add(Log?.Errors ?? 0);
    }

    private void WriteProcess(PrometheusText text)
    {
        ProcessFigures process = ProcessFigures.Read();
        text.Counter("process_cpu_seconds_total", "Processor time of all threads, in user and kernel mode.");
        text.Add(process.CpuSeconds);
        text.Gauge("process_resident_memory_bytes", "Physical memory.");
        text.Add(process.ResidentBytes);
        text.Gauge("process_open_fds", "Open file descriptors.");
        text.Add(process.Descriptors);
        text.Gauge("process_max_fds", "How many file descriptors there may be.");
        text.Add(process.DescriptorsAtMost);
        text.Gauge("process_start_time_seconds", "When the process began to serve, in seconds since 1970.");
        text.Add(started.ToUnixTimeMilliseconds() / 1e3);
        text.Gauge("dotnet_heap_bytes", "Managed memory in use.");
        text.Add(process.HeapBytes);
        text.Counter("dotnet_collections_total", "Garbage collections.");
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            text.Add(GC.CollectionCount(generation), new Label("generation", $"{generation}"));
        }

        text.Gauge("edge_build_info", "1, with what the program was built from.");
        text.Add(1, new Label("version", build.Version), new Label("commit", build.Commit), new Label("tls", build.Tls));
    }

    private static void WriteAnswers(PrometheusText text, IPlaneFigures plane, AnswerTable answers)
    {
        answers.Expect(NumberOf("GET"), NumberOf("POST"));
        foreach (AnswerCount answer in answers.All(s_expected))
        {
            text.Add(answer.Count, new Label("method", plane.Methods[answer.Method]), new Label("code", answer.Code));
        }

        int NumberOf(string method) => plane.Methods.TakeWhile(m => m != method).Count();
    }

    private static void WriteReasons(PrometheusText text, ReasonCounts counts, Func<Reason, bool> mayBe)
    {
        for (int reason = 0; reason < Reasons.Count; reason++)
        {
            // Reasons that should not be possible are shown if they occur all the same, so that no count is hidden.
            if (counts[reason] > 0 || mayBe((Reason)reason))
            {
                text.Add(counts[reason], new Label("reason", ((Reason)reason).Word()));
            }
        }
    }
}
