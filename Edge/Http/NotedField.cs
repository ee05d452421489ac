namespace Edge.Http;

/// <summary>Fields that mean nothing to forwarding, but tell a request from others or belong in a log.</summary>
internal enum NotedField : byte
{
    None,
    RequestId,

    /// <summary>W3C Trace Context: the trace, and what tracing systems note beside it.</summary>
    TraceParent,
    TraceState,
    UserAgent,
    Referer,
}
