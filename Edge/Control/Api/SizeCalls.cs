using Edge.Config;
using Edge.Contract;
using Edge.Fleet;
using static Edge.Control.ApiAnswers;

namespace Edge.Control;

/// <summary>Answers the calls about the size of a fleet: its bounds, and its sleep.</summary>
/// <param name="changes">Whether changes of a fleet may begin.</param>
/// <param name="events">Gets each call for a change.</param>
/// <param name="notes">Gets each call for a change.</param>
internal sealed class SizeCalls(ChangeGate changes, EventFeed events, CallNotes notes)
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
            return notes.Refused(Name, request, by, service, 413, $"the body has {request.Body.Length} bytes; allowed are {Limits.ControlBodyBytes}");
        }

        string? wrong = ScaleRequest.Read(request.Body, out ScaleBody? body);
        if (body is null)
        {
            return notes.Refused(Name, request, by, service, 400, wrong!);
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
            return notes.Refused(name, request, by, service, 503, ControlApi.BeingTakenOver);
        }

        try
        {
            FleetAnswer answer = await change();
            (string Key, object? Value)[] given = what.Length == 0 ? [] : [("bounds", what)];
            notes.Over(name, request, by, service, answer.Refusal, given);
            events.Publish(name, $"{what}{(what.Length > 0 ? " " : "")}by {request.Peer}: {answer.Refusal?.Message ?? "done"}", service);
            return answer.Refusal is { } refusal ? Error(refusal) : Show(fleet);
        }
        finally
        {
            changes.Leave();
        }
    }
}
