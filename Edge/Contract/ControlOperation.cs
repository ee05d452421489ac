namespace Edge.Contract;

/// <summary>What a request for one of the balancer's own paths asks for.</summary>
internal enum ControlOperation
{
    /// <summary>Whether the balancer lives. A loop answers it itself.</summary>
    Heartbeat,

    /// <summary>The names of the replicas that run.</summary>
    List,

    /// <summary>More replicas.</summary>
    Add,

    /// <summary>Fewer replicas.</summary>
    Remove,

    /// <summary>The live page.</summary>
    Page,

    /// <summary>All that is known of balancer and fleet.</summary>
    Status,

    /// <summary>What happens, as it happens.</summary>
    Events,

    /// <summary>The metrics, for Prometheus.</summary>
    Metrics,

    /// <summary>Other weights.</summary>
    Weigh,

    /// <summary>Have a replica fail.</summary>
    Drill,

    /// <summary>Read the options again.</summary>
    Reload,

    /// <summary>The description of all this.</summary>
    Describe,
}
