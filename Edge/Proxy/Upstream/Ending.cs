namespace Edge.Proxy;

/// <summary>How an exchange ended on a connection.</summary>
internal enum Ending : byte
{
    /// <summary>With an answer, or with the client gone.</summary>
    Finished,

    /// <summary>With an answer behind which the replica closes.</summary>
    Last,

    /// <summary>The request goes on to another replica.</summary>
    Retried,

    Failed,
}
