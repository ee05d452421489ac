namespace Edge.Proxy;

/// <summary>Answers requests for the balancer's own paths. Must not throw: what goes wrong is an answer, too.</summary>
internal delegate Task<ControlAnswer> ControlHandler(ControlCall request);
