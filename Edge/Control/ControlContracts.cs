using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Edge.Control;

/// <summary>A request for one of the balancer's own paths.</summary>
/// <param name="Method">As sent, case-sensitive.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Query">Behind the question mark, or empty.</param>
/// <param name="Authorization">The field's value; null where it is absent.</param>
/// <param name="Host">The Host field's value.</param>
/// <param name="Peer">The address at the other end of the socket.</param>
/// <param name="Body">The whole body.</param>
internal sealed record ControlRequest(
    string Method,
    string Path,
    string Query,
    string? Authorization,
    string Host,
    IPAddress Peer,
    ReadOnlyMemory<byte> Body)
{
    // What proxies add. One is enough: it says that the peer is not the one who asks.
    private static readonly string[] s_forwarding =
        ["Forwarded", "Via", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "X-Original-For", "True-Client-IP", "CF-Connecting-IP"];

    /// <summary>Every header field, as sent.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>The connection began with a header of the PROXY protocol: whoever asks is not on this machine, whatever the address.</summary>
    internal bool IsProxied { get; init; }

    /// <summary>Whether the peer says, before the connection or in a header field, that it passes on what somebody else asks.</summary>
    internal bool IsForwarded => IsProxied || Fields.Any(f =>
        f.Key.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) || s_forwarding.Contains(f.Key, StringComparer.OrdinalIgnoreCase));

    /// <summary>The values of the fields of a name, in order.</summary>
    internal IEnumerable<string> All(string name) =>
        Fields.Where(f => f.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f.Value);
}

/// <summary>The answer to a <see cref="ControlRequest"/>.</summary>
/// <param name="Status">A final status.</param>
/// <param name="Body">JSON, or empty.</param>
/// <param name="Fields">Header fields beside Content-Length, Date and Connection.</param>
internal sealed record ControlResponse(int Status, ReadOnlyMemory<byte> Body, IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    /// <summary>Has more to say as time goes on; null where the body is all. Whoever sends the answer disposes it.</summary>
    internal EventListener? Events { get; init; }
}

/// <summary>The shape of every answer.</summary>
internal sealed record Envelope<T>(
    [property: JsonPropertyName("message")] T Message,
    [property: JsonPropertyName("status")] string Status)
{
    internal const string Successful = "successful";
    internal const string Failure = "failure";
}

/// <summary>The answer to a removal: as every answer, and how the replicas left.</summary>
internal sealed record RemovalEnvelope(
    [property: JsonPropertyName("message")] ReplicaList Message,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("drained")] IReadOnlyList<DrainReceiptReport> Drained);

/// <summary>How a replica left.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Finished">Requests in flight that got their answer.</param>
/// <param name="Retried">Those that went on to another replica.</param>
/// <param name="Cut">Those that failed.</param>
/// <param name="LongestMilliseconds">How long the last of them took.</param>
/// <param name="ExitCode">Of its program; null where that is not known.</param>
/// <param name="OutOfMemory">Whether it was killed for the memory that it used.</param>
internal sealed record DrainReceiptReport(
    string Name,
    long Finished,
    long Retried,
    long Cut,
    long LongestMilliseconds,
    int? ExitCode,
    bool OutOfMemory);

/// <summary>Body of /edge/drill.</summary>
/// <param name="Replica">The name of a replica in rotation.</param>
/// <param name="Fault">kill or freeze.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DrillBody(string? Replica, string? Fault);

/// <summary>What a drill came to.</summary>
/// <param name="Replica">Which replica failed.</param>
/// <param name="Fault">How.</param>
/// <param name="NoticedMilliseconds">From the fault until the replica was out of rotation; null where it never was.</param>
/// <param name="HealedMilliseconds">From the fault until it was in rotation again; null where that took too long.</param>
/// <param name="Answered">Requests of clients that a replica answered in the meantime.</param>
/// <param name="Retried">Attempts that failed, unseen by the clients.</param>
/// <param name="Failed">Requests that failed for their clients.</param>
/// <param name="SlowestMilliseconds">The longest that a request took.</param>
internal sealed record DrillReport(
    string Replica,
    string Fault,
    long? NoticedMilliseconds,
    long? HealedMilliseconds,
    long Answered,
    long Retried,
    long Failed,
    long SlowestMilliseconds);

/// <summary>What came of a reload that was not refused.</summary>
/// <param name="Changed">The keys that have another value than before.</param>
internal sealed record ReloadReport(IReadOnlyList<string> Changed);

/// <summary>The replicas that run now.</summary>
internal sealed record ReplicaList(
    [property: JsonPropertyName("N")] int N,
    [property: JsonPropertyName("replicas")] IReadOnlyList<string> Replicas);

/// <summary>Body of /add and /rm, as the client verbs send it; what arrives is read by hand, for the messages.</summary>
internal sealed record ChangeBody(
    [property: JsonPropertyName("n")] int N,
    [property: JsonPropertyName("hostnames")] IReadOnlyList<string> Hostnames,
    [property: JsonPropertyName("weight"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Weight);

/// <summary>Writes and reads the contract without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<string>))]
[JsonSerializable(typeof(Envelope<ReplicaList>))]
[JsonSerializable(typeof(Envelope<StatusReport>))]
[JsonSerializable(typeof(RemovalEnvelope))]
[JsonSerializable(typeof(ChangeBody))]
[JsonSerializable(typeof(EventReport))]
[JsonSerializable(typeof(WeightBody))]
[JsonSerializable(typeof(DrillBody))]
[JsonSerializable(typeof(Envelope<DrillReport>))]
[JsonSerializable(typeof(Envelope<ReloadReport>))]
internal sealed partial class ContractJson : JsonSerializerContext
{
    /// <summary>
    /// Leaves &lt;, &gt; and quotes readable. The escapes that this gives up are for JSON inside of HTML; ours is sent
    /// as application/json.
    /// </summary>
    internal static readonly ContractJson Readable = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    });
}
