namespace Edge.Proxy;

/// <summary>What a request is counted as.</summary>
internal enum RequestKind : byte
{
    /// <summary>It is for a service.</summary>
    Forwarded,

    /// <summary>It is for one of the balancer's own paths, and is counted apart.</summary>
    Control,

    /// <summary>It is for a service, and comes from a monitor, which does not keep the service awake.</summary>
    Monitor,
}
