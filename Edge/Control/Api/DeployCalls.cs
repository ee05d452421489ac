using Edge.Config;
using Edge.Contract;
using Edge.Fleet;
using static Edge.Control.ApiAnswers;

namespace Edge.Control;

/// <summary>Answers the calls about deploys.</summary>
/// <param name="changes">Whether changes of a fleet may begin.</param>
/// <param name="events">Gets each call for a change.</param>
/// <param name="notes">Gets each call for a change.</param>
internal sealed class DeployCalls(ChangeGate changes, EventFeed events, CallNotes notes)
{
    private const string Name = "call_deploy";

    /// <summary>The present deploy, or the last one.</summary>
    internal static ControlResponse Show(FleetManager fleet) =>
        Successful(DeployReport.Of(fleet.Snapshot.Deploy), ContractJson.Readable.EnvelopeDeployReport);

    /// <summary>Begins a deploy, and waits for its end if the caller does.</summary>
    /// <param name="request">The call.</param>
    /// <param name="fleet">Of the service that it is about.</param>
    /// <param name="service">The service; null for the default one.</param>
    /// <param name="by">How the caller was let in.</param>
    internal async Task<ControlResponse> BeginAsync(ControlRequest request, FleetManager fleet, string? service, string by)
    {
        if (request.Body.Length > Limits.ControlBodyBytes)
        {
            return notes.Refused(Name, request, by, service, 413, $"the body has {request.Body.Length} bytes; allowed are {Limits.ControlBodyBytes}");
        }

        string? wrong = DeployRequest.Read(request.Body, out DeployOperation? operation, out bool waits);
        if (operation is null)
        {
            return notes.Refused(Name, request, by, service, 400, wrong!);
        }

        // A takeover waits until the deploy has begun, and not for its end: the process that takes over goes on with it.
        if (!changes.TryEnter())
        {
            return notes.Refused(Name, request, by, service, 503, ControlApi.BeingTakenOver);
        }

        DeployAnswer begun;
        try
        {
            fleet.Deploy(operation);
            begun = await operation.Begun;
        }
        finally
        {
            changes.Leave();
        }

        Note(Name, request, service, by, operation.Image, begun.Refusal);
        if (begun.Refusal is { } refusal)
        {
            return Error(refusal);
        }

        DeployAnswer answer = waits ? await operation.Settled : begun;
        return answer.Refusal is { } late ? Error(late) : Answer(answer.Status!);
    }

    /// <summary>Has a deploy pause, go on, or go back.</summary>
    /// <param name="request">The call.</param>
    /// <param name="command">What is wanted.</param>
    /// <param name="fleet">Of the service that it is about.</param>
    /// <param name="service">The service; null for the default one.</param>
    /// <param name="by">How the caller was let in.</param>
    internal async Task<ControlResponse> CommandAsync(ControlRequest request, DeployCommand command, FleetManager fleet, string? service, string by)
    {
        if (!changes.TryEnter())
        {
            return notes.Refused(Name, request, by, service, 503, ControlApi.BeingTakenOver);
        }

        try
        {
            DeployAnswer answer = await fleet.DeployAsync(command);
            Note($"{Name}_{command.ToString().ToLowerInvariant()}", request, service, by, answer.Status?.Image.Name, answer.Refusal);
            return answer.Refusal is { } refusal
                ? Error(refusal)
                : Successful(DeployReport.Of(answer.Status), ContractJson.Readable.EnvelopeDeployReport);
        }
        finally
        {
            changes.Leave();
        }
    }

    // 202 while nothing is decided: the caller did not wait, or a person has to decide.
    private static ControlResponse Answer(DeployStatus deploy)
    {
        var report = DeployReport.Of(deploy);
        return deploy.Phase is DeployPhase.Reverting or DeployPhase.Reverted
            ? Json(502, new Envelope<DeployReport>(report, Envelope<DeployReport>.Failure), ContractJson.Readable.EnvelopeDeployReport, [])
            : Successful(report, ContractJson.Readable.EnvelopeDeployReport, deploy.IsPromoted ? 200 : 202);
    }

    private void Note(string name, ControlRequest request, string? service, string by, string? image, CallRefusal? refusal)
    {
        notes.Over(name, request, by, service, refusal, ("image", image));
        events.Publish(name, $"{image} by {request.Peer}: {refusal?.Message ?? "done"}", service);
    }
}
