namespace Edge.Http;

/// <summary>Fields that mean nothing to forwarding, but identify a request or belong in a log.</summary>
internal enum NotedField : byte
{
    None,
    RequestId,

    /// <summary>W3C Trace Context: the trace, and what tracing systems add to it.</summary>
    TraceParent,
    TraceState,
    UserAgent,
    Referer,
}
