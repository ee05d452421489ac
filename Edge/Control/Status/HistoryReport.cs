using System.Text.Json.Serialization;

namespace Edge.Control;

/// <summary>What was, in equal steps: the answer of /edge/history, described in docs/api.md.</summary>
/// <param name="Seconds">The length of a step.</param>
/// <param name="Traffic">What the clients of all services saw, of the last five minutes at most; absent where one service was asked for by its name.</param>
/// <param name="Service">What the clients of the service saw; those of which no service is known are with the default one.</param>
/// <param name="Replicas">The service's replicas, of the last minute at most.</param>
internal sealed record HistoryReport(
    double Seconds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SeriesReport? Traffic,
    SeriesReport Service,
    IReadOnlyList<ReplicaHistoryReport> Replicas);
