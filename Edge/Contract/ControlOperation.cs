namespace Edge.Contract;

/// <summary>The operation that a request for an own path asks for.</summary>
internal enum ControlOperation
{
    /// <summary>Whether the balancer works. A loop answers it itself.</summary>
    Heartbeat,

    /// <summary>The names of the replicas that run.</summary>
    List,

    /// <summary>More replicas.</summary>
    Add,

    /// <summary>Fewer replicas.</summary>
    Remove,

    /// <summary>The live page.</summary>
    Page,

    /// <summary>Everything that is known of balancer and fleet.</summary>
    Status,

    /// <summary>What was, in the last minutes.</summary>
    History,

    /// <summary>Events, as they happen.</summary>
    Events,

    /// <summary>The metrics, for Prometheus.</summary>
    Metrics,

    /// <summary>Other weights.</summary>
    Weigh,

    /// <summary>Have the requests of a service wait.</summary>
    Pause,

    /// <summary>Refuse the requests of a service.</summary>
    Stop,

    /// <summary>Have the requests of a service go to its replicas again.</summary>
    Resume,

    /// <summary>Have another image take the place of the one that serves; or, by GET, say how far that has come.</summary>
    Deploy,

    /// <summary>Have a deploy wait.</summary>
    PauseDeploy,

    /// <summary>Have a deploy go on.</summary>
    ResumeDeploy,

    /// <summary>Have a deploy go on to the next phase.</summary>
    PromoteDeploy,

    /// <summary>Take a new version back.</summary>
    AbortDeploy,

    /// <summary>Have the version before serve again.</summary>
    RollBackDeploy,

    /// <summary>The bounds between which the number of replicas follows the load.</summary>
    Scale,

    /// <summary>Stop all replicas until a request comes.</summary>
    Sleep,

    /// <summary>Start a fleet that sleeps.</summary>
    Wake,

    /// <summary>Make a replica fail.</summary>
    Drill,

    /// <summary>Read the options again.</summary>
    Reload,

    /// <summary>The description of all paths, in OpenAPI.</summary>
    Describe,
}
