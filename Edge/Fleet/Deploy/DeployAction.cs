namespace Edge.Fleet;

/// <summary>What a step of a deploy has the fleet do.</summary>
internal enum DeployAction
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Keep what the deploy before this one has kept, since this one changes nothing.</summary>
    Inherit,

    /// <summary>Start the first new replica.</summary>
    StartLead,

    /// <summary>Ask the first new replica for the paths of the plan.</summary>
    AskSmoke,

    /// <summary>Give the first new replica its share of the requests.</summary>
    OpenCanary,

    /// <summary>Start all other new replicas.</summary>
    StartRest,

    /// <summary>Start one more new replica.</summary>
    StartOne,

    /// <summary>Have a new replica that is well serve, in the place of an old one, which is retired.</summary>
    ReplaceOne,

    /// <summary>Have all requests go to the new replicas, by one swap.</summary>
    Switch,

    /// <summary>Drain and stop the old replicas.</summary>
    RetireOld,

    /// <summary>Remove the old replicas that are kept.</summary>
    RemoveOld,

    /// <summary>Start the old replicas that are kept.</summary>
    WakeOld,

    /// <summary>Have all requests go to the old replicas again, by one swap.</summary>
    SwitchBack,

    /// <summary>Read the last lines that the failed replica has printed.</summary>
    ReadLines,

    /// <summary>Remove the new replicas.</summary>
    RemoveNew,
}
