namespace Edge.Http;

/// <summary>Fields of a client that do not go to the replica, beside those that never do.</summary>
[Flags]
internal enum LeftOut : byte
{
    None = 0,

    /// <summary>X-Request-ID, in whose place another is sent.</summary>
    RequestId = 1,

    /// <summary>traceparent, in whose place another is sent, and tracestate, which belongs to it.</summary>
    Trace = 2,

    /// <summary>Whatever has an underscore in its name.</summary>
    Underscored = 4,
}
