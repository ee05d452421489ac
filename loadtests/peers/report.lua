-- One line with what wrk measured, for run.sh to read; latencies in microseconds.
function done(summary, latency)
    local e = summary.errors
    print(string.format("measured requests=%d microseconds=%d p50=%.0f p99=%.0f socket_errors=%d status_errors=%d",
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        e.connect + e.read + e.write + e.timeout, e.status))
end
