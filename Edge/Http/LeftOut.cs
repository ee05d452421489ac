namespace Edge.Http;

/// <summary>Fields of a client that do not go to the replica, in addition to those that never do.</summary>
[Flags]
internal enum LeftOut : byte
{
    None = 0,

    /// <summary>X-Request-ID: another one is sent in its place.</summary>
    RequestId = 1,

    /// <summary>traceparent: another one is sent in its place; and tracestate, which belongs to it.</summary>
    Trace = 2,

    /// <summary>Every field with an underscore in its name.</summary>
    Underscored = 4,

    /// <summary>Authorization: it was meant for the balancer.</summary>
    Authorization = 8,
}
