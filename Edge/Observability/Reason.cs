using System.Runtime.CompilerServices;

namespace Edge.Observability;

/// <summary>
/// Why an attempt or a whole request failed: one word each, in the figures and in the access log (<see cref="Reasons.Word"/>).
/// </summary>
internal enum Reason : byte
{
    None,
    QueueTimeout,
    QueueFull,
    NoReplica,
    NoDescriptor,
    RequestTimeout,
    ClientReadTimeout,
    RequestBodyTimeout,
    MalformedRequest,
    ConnectTimeout,
    ConnectFailed,
    ReplicaReadTimeout,
    MalformedResponse,
    ResponseHeadTimeout,
    ResponseBodyTimeout,
    ResponseCut,
    ReplicaClosed,

    /// <summary>The replica answered with a status after which another is asked.</summary>
    Status,

    /// <summary>The replica was taken out of rotation while the request waited for its answer.</summary>
    ReplicaUnwell,

    /// <summary>The client left before it had its answer.</summary>
    ClientGone,

    /// <summary>The head of the request did not arrive in time.</summary>
    RequestHeadTimeout,

    /// <summary>The request was refused for what it is.</summary>
    Refused,

    /// <summary>A connection from the pool ended when it was used, before a byte of an answer had come.</summary>
    StaleConnection,

    /// <summary>The replica was let go of, or the balancer ended, and the time to finish ran out (Edge:Timeouts:Drain).</summary>
    DrainTimeout,
}

/// <summary>The words for reasons.</summary>
internal static class Reasons
{
    internal const int Count = (int)Reason.DrainTimeout + 1;

    private static readonly string[] s_words =
    [
        "", "queue_timeout", "queue_full", "no_replica", "no_descriptor", "request_timeout", "client_read_timeout",
        "request_body_timeout", "malformed_request", "connect_timeout", "connect_failed", "replica_read_timeout",
        "malformed_response", "response_head_timeout", "response_body_timeout", "response_cut", "replica_closed", "status",
        "replica_unwell", "client_gone", "request_head_timeout", "refused",
        "stale_connection", "drain_timeout",
    ];

    private static readonly byte[][] s_bytes = [.. s_words.Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>Whether nobody but the client has a part in it.</summary>
    internal static bool IsOfClient(this Reason reason) => reason is Reason.ClientReadTimeout or Reason.RequestBodyTimeout
        or Reason.MalformedRequest or Reason.ClientGone or Reason.RequestHeadTimeout or Reason.Refused;

    internal static string Word(this Reason reason) => s_words[(int)reason];

    /// <summary>The same as bytes.</summary>
    internal static ReadOnlySpan<byte> Bytes(this Reason reason) => s_bytes[(int)reason];
}

/// <summary>How often for which reason.</summary>
[InlineArray(Reasons.Count)]
internal struct ReasonCounts
{
    private long _first;
}
