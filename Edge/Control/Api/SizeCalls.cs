using Edge.Config;
using Edge.Contract;
using Edge.Fleet;
using Edge.Telemetry;
using static Edge.Control.ApiAnswers;

namespace Edge.Control;

/// <summary>Answers the calls about the size of a fleet: its bounds, and its sleep.</summary>
/// <param name="changes">Whether changes of a fleet may begin.</param>
/// <param name="events">Gets each call for a change.</param>
/// <param name="log">Gets a line for each call for a change.</param>
internal sealed class SizeCalls(ChangeGate changes, EventFeed events, Log log)
{
    /// <summary>How the size follows the load now.</summary>
    internal static ControlResponse Show(FleetManager fleet) => Successful(ScaleReport.Of(fleet.Snapshot), ContractJson.Readable.EnvelopeScaleReport);

    /// <summary>Gives the size other bounds.</summary>
    /// <param name="request">The call.</param>
    /// <param name="fleet">Of the service that it is about.</param>
    /// <param name="service">The service; null for the default one.</param>
    /// <param name="by">How the caller was let in.</param>
    internal async Task<ControlResponse> ScaleAsync(ControlRequest request, FleetManager fleet, string? service, string by)
    {
        const string Name = "call_scale";
        if (request.Body.Length > Limits.ControlBodyBytes)
        {
            return Refused(Name, request, service, by, 413, $"the body has {request.Body.Length} bytes; allowed are {Limits.ControlBodyBytes}");
        }

        string? wrong = ScaleRequest.Read(request.Body, out ScaleBody? body);
        if (body is null)
        {
            return Refused(Name, request, service, by, 400, wrong!);
        }

        return await ChangeAsync(
            Name, $"{body.Minimum?.ToString() ?? "as before"} to {body.Maximum?.ToString() ?? "as before"}", request, fleet, service, by,
            () => fleet.ScaleAsync(body.Minimum, body.Maximum));
    }

    /// <summary>Has the fleet sleep, and answers when no replica runs any more.</summary>
    /// <param name="request">The call.</param>
    /// <param name="fleet">Of the service that it is about.</param>
    /// <param name="service">The service; null for the default one.</param>
    /// <param name="by">How the caller was let in.</param>
    internal Task<ControlResponse> SleepAsync(ControlRequest request, FleetManager fleet, string? service, string by) =>
        ChangeAsync("call_sleep", "", request, fleet, service, by, fleet.SleepAsync);

    /// <summary>Has it wake, and answers when a replica is in rotation.</summary>
    /// <param name="request">The call.</param>
    /// <param name="fleet">Of the service that it is about.</param>
    /// <param name="service">The service; null for the default one.</param>
    /// <param name="by">How the caller was let in.</param>
    internal Task<ControlResponse> WakeAsync(ControlRequest request, FleetManager fleet, string? service, string by) =>
        ChangeAsync("call_wake", "", request, fleet, service, by, fleet.WakeAsync);

    private async Task<ControlResponse> ChangeAsync(
        string name, string what, ControlRequest request, FleetManager fleet, string? service, string by, Func<Task<FleetAnswer>> change)
    {
        if (!changes.TryEnter())
        {
            return Refused(name, request, service, by, 503, ControlApi.BeingTakenOver);
        }

        try
        {
            FleetAnswer answer = await change();
            (string Key, object? Value)[] of = service is null ? [] : [("service", service)];
            (string Key, object? Value)[] given = what.Length == 0 ? [] : [("bounds", what)];
            log.Info(name, [("peer", request.Peer), ("by", by), .. of, .. given, ("result", answer.Refusal?.Message ?? "done")]);
            events.Publish(name, $"{what}{(what.Length > 0 ? " " : "")}by {request.Peer}: {answer.Refusal?.Message ?? "done"}", service);
            return answer.Refusal is { } refusal ? Error(refusal) : Show(fleet);
        }
        finally
        {
            changes.Leave();
        }
    }

    private ControlResponse Refused(string name, ControlRequest request, string? service, string by, int status, string why)
    {
        (string Key, object? Value)[] of = service is null ? [] : [("service", service)];
        log.Info(name, [("peer", request.Peer), ("by", by), .. of, ("result", why)]);
        return status == 503 ? Error(status, why, Field("Retry-After", "1")) : Error(status, why);
    }
}
