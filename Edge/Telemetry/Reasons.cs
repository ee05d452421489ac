namespace Edge.Telemetry;

/// <summary>The words for reasons.</summary>
internal static class Reasons
{
    internal const int Count = (int)Reason.WakeTimeout + 1;

    private static readonly string[] s_words =
    [
        "", "queue_timeout", "queue_full", "no_replica", "no_descriptor", "request_timeout", "client_read_timeout",
        "request_body_timeout", "malformed_request", "connect_timeout", "connect_failed", "replica_read_timeout",
        "malformed_response", "response_head_timeout", "response_body_timeout", "response_cut", "replica_closed", "status",
        "replica_unwell", "client_gone", "request_head_timeout", "refused",
        "stale_connection", "drain_timeout", "handshake_failed", "certificate_invalid", "no_service", "not_allowed", "rate_limited", "unauthorized",
        "attempts_limited", "service_paused", "service_stopped", "service_asleep", "wake_timeout",
    ];

    private static readonly byte[][] s_bytes = [.. s_words.Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>Whether only the client has a part in it.</summary>
    internal static bool IsOfClient(this Reason reason) => reason is Reason.ClientReadTimeout or Reason.RequestBodyTimeout
        or Reason.MalformedRequest or Reason.ClientGone or Reason.RequestHeadTimeout or Reason.Refused or Reason.NoService
        or Reason.NotAllowed or Reason.RateLimited or Reason.Unauthorized or Reason.AttemptsLimited;

    internal static string Word(this Reason reason) => s_words[(int)reason];

    /// <summary>The word as bytes.</summary>
    internal static ReadOnlySpan<byte> Bytes(this Reason reason) => s_bytes[(int)reason];
}
