using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Edge.Observability;

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

    /// <summary>Whether the peer says, in a header field, that it passes on what somebody else asks.</summary>
    internal bool IsForwarded => Fields.Any(f =>
        f.Key.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) || s_forwarding.Contains(f.Key, StringComparer.OrdinalIgnoreCase));

    /// <summary>The values of the fields of a name, in order.</summary>
    internal IEnumerable<string> All(string name) =>
        Fields.Where(f => f.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f.Value);
}

/// <summary>The answer to a <see cref="ControlRequest"/>.</summary>
/// <param name="Status">A final status.</param>
/// <param name="Body">JSON, or empty.</param>
/// <param name="Fields">Header fields beside Content-Length, Date and Connection.</param>
internal sealed record ControlResponse(int Status, ReadOnlyMemory<byte> Body, IReadOnlyList<KeyValuePair<string, string>> Fields);

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

/// <summary>The replicas that run now.</summary>
internal sealed record ReplicaList(
    [property: JsonPropertyName("N")] int N,
    [property: JsonPropertyName("replicas")] IReadOnlyList<string> Replicas);

/// <summary>Body of /add and /rm, as the client verbs send it; what arrives is read by hand, for the messages.</summary>
internal sealed record ChangeBody(
    [property: JsonPropertyName("n")] int N,
    [property: JsonPropertyName("hostnames")] IReadOnlyList<string> Hostnames,
    [property: JsonPropertyName("weight"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Weight);

/// <summary>Everything about the balancer at one instant.</summary>
internal sealed record StatusReport(
    BalancerReport Balancer,
    ProcessReport Process,
    IReadOnlyList<LoopReport> Loops,
    IReadOnlyList<ReplicaReport> Replicas);

/// <summary>The balancer itself.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="Started">When it began to serve.</param>
/// <param name="Fleet">The name of its fleet.</param>
/// <param name="Driver">Who runs the replicas.</param>
/// <param name="Why">How it came to this driver.</param>
/// <param name="Minimum">How many replicas a removal must leave.</param>
/// <param name="Maximum">How many replicas there may be.</param>
internal sealed record BalancerReport(string Version, DateTimeOffset Started, string Fleet, string Driver, string Why, int Minimum, int Maximum);

/// <summary>The process that the balancer is.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="UptimeSeconds">Since it began to serve.</param>
/// <param name="ManagedBytes">Managed memory in use.</param>
/// <param name="Collections">Garbage collections so far, by generation.</param>
internal sealed record ProcessReport(int Pid, double UptimeSeconds, long ManagedBytes, IReadOnlyList<int> Collections);

/// <summary>One replica.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where it listens; null where nothing runs under the name now.</param>
/// <param name="State">starting, healthy, unhealthy, draining or gone.</param>
/// <param name="Why">What led to the state.</param>
/// <param name="Since">When it got into the state.</param>
/// <param name="Weight">Its share of the requests.</param>
/// <param name="InFlight">Requests that it is busy with.</param>
/// <param name="Requests">Requests that were sent to it so far.</param>
/// <param name="Failures">Requests that it failed so far.</param>
/// <param name="Restarts">How often it was started again.</param>
/// <param name="CrashLoop">Whether it ends again and again.</param>
internal sealed record ReplicaReport(
    string Name,
    string? Address,
    string State,
    string Why,
    DateTimeOffset Since,
    int Weight,
    long InFlight,
    long Requests,
    long Failures,
    int Restarts,
    bool CrashLoop);

/// <summary>Writes and reads the contract without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<string>))]
[JsonSerializable(typeof(Envelope<ReplicaList>))]
[JsonSerializable(typeof(Envelope<StatusReport>))]
[JsonSerializable(typeof(RemovalEnvelope))]
[JsonSerializable(typeof(ChangeBody))]
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
