using Edge.Fleet;

namespace Edge.Control;

/// <summary>Reads a call of /edge/drill and writes its answer.</summary>
internal static class DrillRequest
{
    private const string Form = """{"replica": "server_2", "fault": "kill"}""";

    /// <summary>Reads a body. Returns what is wrong with it, or null.</summary>
    /// <param name="body">As received.</param>
    /// <param name="replica">The name in it.</param>
    /// <param name="fault">The fault in it.</param>
    internal static string? Read(ReadOnlyMemory<byte> body, out string replica, out ReplicaFault fault)
    {
        (replica, fault) = ("", default);
        if (JsonBody.Read(body, ContractJson.Readable.DrillBody, Form, out DrillBody? read) is { } broken)
        {
            return broken;
        }

        if (string.IsNullOrEmpty(read?.Replica))
        {
            return $"the replica is missing; the body is a JSON object like {Form}";
        }

        replica = read.Replica;
        ReplicaFault? named = read.Fault switch
        {
            "kill" => ReplicaFault.Kill,
            "freeze" => ReplicaFault.Freeze,
            _ => null,
        };
        fault = named ?? default;
        return named is null ? "the fault is neither kill nor freeze" : null;
    }

    internal static DrillReport Report(string replica, ReplicaFault fault, DrillOutcome outcome) => new(
        replica,
        fault == ReplicaFault.Kill ? "kill" : "freeze",
        (long?)outcome.Noticed?.TotalMilliseconds,
        (long?)outcome.Healed?.TotalMilliseconds,
        outcome.Clients.Answered,
        outcome.Clients.Retried,
        outcome.Clients.Failed,
        outcome.Clients.SlowestMilliseconds);
}
