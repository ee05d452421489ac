namespace Edge.Proxy;

/// <summary>What a listener is for.</summary>
internal enum ListenerRole : byte
{
    /// <summary>It forwards, and also serves the balancer's own paths.</summary>
    Both,

    /// <summary>Forwards every path.</summary>
    Forwarding,

    /// <summary>It serves only the balancer's own paths.</summary>
    Control,
}
