using Edge.Contract;
using Edge.Fleet;
using Edge.Telemetry;

namespace Edge.Control;

/// <summary>Notes each allowed call for a change in the log, with its result: one line a call.</summary>
/// <param name="log">Gets the lines.</param>
internal sealed class CallNotes(Log log)
{
    /// <summary>The fleet has carried a call out, or refused it.</summary>
    /// <param name="name">Of the line.</param>
    /// <param name="request">The call.</param>
    /// <param name="by">How the caller was let in.</param>
    /// <param name="service">The service that it is about; null for the default one.</param>
    /// <param name="refusal">Null if it was carried out.</param>
    /// <param name="fields">What was asked for.</param>
    internal void Over(string name, ControlRequest request, string by, string? service, CallRefusal? refusal, params (string Key, object? Value)[] fields)
    {
        (string Key, object? Value)[] of = service is null ? [] : [("service", service)];
        log.Info(name, [("peer", request.Peer), ("by", by), .. of, .. fields, ("result", refusal is null ? "done" : refusal.Message)]);
    }

    /// <summary>A call did not get as far as the fleet. Returns its answer; whoever gets 503 may come back in a second.</summary>
    /// <param name="name">Of the line.</param>
    /// <param name="request">The call.</param>
    /// <param name="by">How the caller was let in.</param>
    /// <param name="service">The service that it is about; null for the default one.</param>
    /// <param name="status">Of the answer.</param>
    /// <param name="why">The reason.</param>
    internal ControlResponse Refused(string name, ControlRequest request, string by, string? service, int status, string why)
    {
        (string Key, object? Value)[] of = service is null ? [] : [("service", service)];
        log.Info(name, [("peer", request.Peer), ("by", by), .. of, ("result", why)]);
        return status == 503 ? ApiAnswers.Error(status, why, ApiAnswers.Field("Retry-After", "1")) : ApiAnswers.Error(status, why);
    }
}
