namespace Edge.Routing;

/// <summary>What the clients of one service ask for: counts of all loops since their start, and what there is now.</summary>
/// <param name="BusyNanoseconds">
/// The requests in flight on replicas, added up over the time: one request that takes a second is a second. Without tunnels.
/// </param>
/// <param name="Begun">Requests for replicas that have come; not those that the balancer refused or answered by itself for good reason.</param>
/// <param name="Ended">Those of them that are over.</param>
/// <param name="Waiting">Requests that wait for a replica now.</param>
internal readonly record struct LoadFigures(long BusyNanoseconds, long Begun, long Ended, long Waiting)
{
    /// <summary>Requests that have come and keep the service awake: all but those of monitors.</summary>
    internal long Wakeful { get; init; }

    /// <summary>Requests and tunnels that are under way now and keep the service awake.</summary>
    internal long WakefulNow { get; init; }

    public static LoadFigures operator +(LoadFigures a, LoadFigures b) =>
        new(a.BusyNanoseconds + b.BusyNanoseconds, a.Begun + b.Begun, a.Ended + b.Ended, a.Waiting + b.Waiting)
        {
            Wakeful = a.Wakeful + b.Wakeful,
            WakefulNow = a.WakefulNow + b.WakefulNow,
        };
}
