namespace Edge.Proxy;

/// <summary>How an exchange ended on an upstream connection.</summary>
internal enum Ending : byte
{
    /// <summary>With a response, or because the client has gone.</summary>
    Finished,

    /// <summary>With a response after which the replica closes.</summary>
    Last,

    /// <summary>The request goes on to another replica.</summary>
    Retried,

    Failed,
}
