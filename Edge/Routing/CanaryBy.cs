namespace Edge.Routing;

/// <summary>What decides whether a request may go to a canary.</summary>
internal enum CanaryBy : byte
{
    /// <summary>The client's address: a page and what belongs to it come from replicas of one version.</summary>
    Client,

    /// <summary>Chance, for each request.</summary>
    Request,
}
