namespace Edge.Routing;

/// <summary>What becomes of new requests for a service.</summary>
internal enum ServiceMode : byte
{
    /// <summary>They go to its replicas.</summary>
    Open,

    /// <summary>They wait in the service's queue until it is open again.</summary>
    Paused,

    /// <summary>They are answered with 503 at once.</summary>
    Stopped,
}
