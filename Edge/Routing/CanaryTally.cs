using Edge.Telemetry;

namespace Edge.Routing;

/// <summary>
/// What one side of a comparison has done, summed over the loops. Only the first attempts of requests that could have gone to either side are in it, so
/// that both sides had the same kind of requests at the same time: what the canary fails is asked again of the old ones, and is not counted there.
/// </summary>
internal readonly struct CanaryTally
{
    /// <summary>Attempts that have got the head of a response, or none at all.</summary>
    internal long Attempts { get; init; }

    /// <summary>
    /// Those among them with a status of 500 or more; without a response, or without one in the time that a canary has; or whose response was cut. Exact
    /// to a response that breaks off between two readings: its attempt is in the first.
    /// </summary>
    internal long Errors { get; init; }

    /// <summary>Those with a status of 400 to 499.</summary>
    internal long ClientErrors { get; init; }

    /// <summary>From the connection until the whole head of the response, for responses with a status below 500.</summary>
    internal Histogram Response { get; init; }

    /// <summary>What was added since an earlier tally of the same side.</summary>
    internal CanaryTally Since(in CanaryTally earlier) => new()
    {
        Attempts = Attempts - earlier.Attempts,
        Errors = Errors - earlier.Errors,
        ClientErrors = ClientErrors - earlier.ClientErrors,
        Response = Response.Since(earlier.Response),
    };
}
