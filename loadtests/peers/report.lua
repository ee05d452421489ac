-- One line with what wrk measured, for run.sh to read; latencies in microseconds.
-- PEERS_POST=BYTES has it send a POST with that many bytes instead of a GET.
local bytes = tonumber(os.getenv("PEERS_POST"))
if bytes then
    wrk.method = "POST"
    wrk.body = string.rep("p", bytes)
end

function done(summary, latency)
    local e = summary.errors
    print(string.format("measured requests=%d microseconds=%d p50=%.0f p99=%.0f p999=%.0f socket_errors=%d status_errors=%d",
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
        e.connect + e.read + e.write + e.timeout, e.status))
end
