namespace Edge.Proxy;

/// <summary>What a listener is for.</summary>
internal enum ListenerRole : byte
{
    /// <summary>Forwards, and serves the balancer's own paths beside.</summary>
    Both,

    /// <summary>Forwards every path.</summary>
    Forwarding,

    /// <summary>Serves the balancer's own paths alone.</summary>
    Control,
}
