namespace Edge.Contract;

/// <summary>Answers a request for one of the balancer's own paths. Must not throw: a failure is an answer, too.</summary>
internal delegate Task<ControlResponse> ControlHandler(ControlRequest request);
