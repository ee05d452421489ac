namespace Edge.Config;

/// <summary>What is divided between the first replica of a new version and the old replicas.</summary>
internal enum CanaryBy : byte
{
    /// <summary>Clients, by their addresses: a page and what belongs to it are of one version.</summary>
    Client,

    /// <summary>Single requests.</summary>
    Request,
}
