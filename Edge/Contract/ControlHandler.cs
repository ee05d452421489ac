namespace Edge.Contract;

/// <summary>Answers requests for the balancer's own paths. Must not throw: what goes wrong is an answer, too.</summary>
internal delegate Task<ControlResponse> ControlHandler(ControlRequest request);
