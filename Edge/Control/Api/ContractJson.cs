using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Edge.Control;

/// <summary>Writes and reads the contract without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<string>))]
[JsonSerializable(typeof(Envelope<ReplicaList>))]
[JsonSerializable(typeof(Envelope<StatusReport>))]
[JsonSerializable(typeof(Envelope<HistoryReport>))]
[JsonSerializable(typeof(RemovalEnvelope))]
[JsonSerializable(typeof(ChangeBody))]
[JsonSerializable(typeof(EventReport))]
[JsonSerializable(typeof(WeightBody))]
[JsonSerializable(typeof(ScaleBody))]
[JsonSerializable(typeof(Envelope<ScaleReport>))]
[JsonSerializable(typeof(DrillBody))]
[JsonSerializable(typeof(Envelope<DrillReport>))]
[JsonSerializable(typeof(Envelope<ReloadReport>))]
[JsonSerializable(typeof(Envelope<ServiceModeReport>))]
[JsonSerializable(typeof(DeployBody))]
[JsonSerializable(typeof(Envelope<DeployReport>))]
internal sealed partial class ContractJson : JsonSerializerContext
{
    /// <summary>
    /// Leaves &lt;, &gt; and quotes readable. To escape them helps JSON inside of HTML only, and these answers are sent as application/json.
    /// </summary>
    internal static readonly ContractJson Readable = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    });
}
