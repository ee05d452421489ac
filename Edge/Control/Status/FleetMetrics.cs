using Edge.Fleet;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Control;

/// <summary>Writes the metrics of fleets and replicas; see <see cref="Metrics"/>.</summary>
internal static class FleetMetrics
{
    private static readonly string[] s_states = [.. Enum.GetNames<ReplicaState>().Select(name => name.ToLowerInvariant())];

    internal static void WriteFleets(PrometheusText text, FleetFigures[] fleets)
    {
        text.Gauge("edge_fleet_replicas", "Members of the fleet by state; healthy is in rotation.");
        foreach (FleetFigures fleet in fleets)
        {
            for (int state = 0; state < s_states.Length; state++)
            {
                text.Add(fleet.Fleet.Replicas.Count(r => (int)r.State == state), [.. fleet.Labels, new Label("state", s_states[state])]);
            }
        }

        text.Gauge("edge_fleet_target_replicas", "Members that there shall be: all but those that are being removed.");
        Each(fleet => fleet.Fleet.Replicas.Count(r => !r.Leaving));
        FleetFigures[] scaled = [.. fleets.Where(fleet => fleet.Fleet.Scale.IsOn)];
        if (scaled.Length > 0)
        {
            WriteScale(text, scaled);
        }

        text.Gauge("edge_service_state", "What becomes of new requests: 0 where the service is open, 1 where it is paused, 2 where it is stopped.");
        Each(fleet => (int)fleet.Mode);
        text.Gauge("edge_fleet_driver_up", "1 where the driver sees the replicas, 0 while it does not.");
        Each(fleet => fleet.Fleet.Blindness is null ? 1 : 0);
        text.Counter("edge_fleet_ejections_total", "Replicas that were taken out of rotation since requests to them failed in a row.");
        Each(fleet => fleet.Counters.Ejections);
        text.Counter("edge_fleet_ejections_spared_total", "Replicas that were not, since too many were out already.");
        Each(fleet => fleet.Counters.Spared);
        text.Counter("edge_fleet_health_verdicts_total", "What health checks of replicas came to.");
        EachOf("verdict", FleetCounters.Verdicts, (counters, verdict) => counters.VerdictsOf(verdict));
        text.Counter("edge_driver_calls_total", "Calls of the driver.");
        EachOf("operation", FleetCounters.Calls, (counters, call) => counters.CallsOf(call));
        text.Counter("edge_driver_errors_total", "Calls of the driver that failed.");
        EachOf("operation", FleetCounters.Calls, (counters, call) => counters.ErrorsOf(call));

        void Each(Func<FleetFigures, long> value)
        {
            foreach (FleetFigures fleet in fleets)
            {
                text.Add(value(fleet), fleet.Labels);
            }
        }

        void EachOf(string label, IReadOnlyList<string> words, Func<FleetCounters, int, long> value)
        {
            foreach (FleetFigures fleet in fleets)
            {
                for (int i = 0; i < words.Count; i++)
                {
                    text.Add(value(fleet.Counters, i), [.. fleet.Labels, new Label(label, words[i])]);
                }
            }
        }
    }

    // Only of fleets whose size follows the load: of all others these would say nothing.
    private static void WriteScale(PrometheusText text, FleetFigures[] fleets)
    {
        text.Gauge("edge_fleet_needed_replicas", "Replicas that are needed for the load, where their number follows it; 0 while the service sleeps.");
        foreach (FleetFigures fleet in fleets)
        {
            text.Add(fleet.Fleet.Scale.Target, fleet.Labels);
        }

        text.Gauge("edge_fleet_scale_state", "What such a fleet is at: 1 for its present state, 0 for all others.");
        foreach (FleetFigures fleet in fleets)
        {
            foreach (ScaleState state in Enum.GetValues<ScaleState>().Where(state => state != ScaleState.Fixed))
            {
                text.Add(fleet.Fleet.Scale.State == state ? 1 : 0, [.. fleet.Labels, new Label("state", state.ToString().ToLowerInvariant())]);
            }
        }
    }

    internal static void WriteReplicas(PrometheusText text, FleetFigures[] fleets, IReadOnlyList<string> methods)
    {
        (Label[] Labels, ReplicaSnapshot Replica, ReplicaCounters Figures)[] all =
        [
            .. from fleet in fleets
               from replica in fleet.Fleet.Replicas
               select ((Label[])[.. fleet.Labels, new Label("replica", replica.Name)], replica, replica.Figures()),
        ];
        text.Gauge("edge_replica_up", "1 where the replica is in rotation, else 0.");
        Each((r, _) => r.State == ReplicaState.Healthy ? 1 : 0);
        text.Gauge("edge_replica_weight", "Its share of the requests relative to the others.");
        Each((r, _) => r.Weight);
        text.Counter("edge_replica_restarts_total", "How often it was started again.");
        Each((r, _) => r.Restarts);
        text.Gauge("edge_replica_requests_in_flight", "Attempts that hold a connection to it, or wait for one.");
        Each((_, f) => f.InFlight);
        text.Counter(
            "edge_replica_requests_total",
            "Attempts that are over, by the method and the status that it answered; none where it answered nothing. "
            + "Only what has happened has a series.");
        foreach ((Label[] labels, ReplicaSnapshot replica, _) in all)
        {
            foreach (AnswerCount answer in replica.Answers().All())
            {
                text.Add(answer.Count, [.. labels, new Label("method", methods[answer.Method]), new Label("code", answer.Code)]);
            }
        }

        text.Counter("edge_replica_failures_total", "Attempts that it failed: connection, reset, timeout or malformed response.");
        Each((_, f) => f.Failures);
        text.Counter("edge_replica_received_bytes_total", "Bytes from it, heads included.");
        Each((_, f) => f.BytesReceived);
        text.Counter("edge_replica_sent_bytes_total", "Bytes to it, heads included.");
        Each((_, f) => f.BytesSent);
        text.Histogram("edge_replica_response_duration_seconds", "From the connection that stood until the head of its response was there.");
        foreach ((Label[] labels, _, ReplicaCounters figures) in all)
        {
            text.Add(figures.Response, labels);
        }

        void Each(Func<ReplicaSnapshot, ReplicaCounters, long> value)
        {
            foreach ((Label[] labels, ReplicaSnapshot replica, ReplicaCounters figures) in all)
            {
                text.Add(value(replica, figures), labels);
            }
        }
    }
}
