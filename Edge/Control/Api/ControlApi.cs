using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Edge.Config;
using Edge.Contract;
using Edge.Fleet;
using Edge.Routing;
using Edge.Services;
using Edge.Telemetry;
using static Edge.Control.ApiAnswers;

namespace Edge.Control;

/// <summary>Answers all of the balancer's own paths. It throws only for mistakes in the program.</summary>
/// <param name="fleet">Changes the replicas.</param>
/// <param name="drill">Makes a replica fail.</param>
/// <param name="allowsDrills">Whether drills are allowed now.</param>
/// <param name="reload">Reads the options again, as SIGHUP does; returns why they are refused, or null and the keys that changed.</param>
/// <param name="authorization">Decides who may call.</param>
/// <param name="status">The status of the balancer, its process and its loops; the replicas come from the fleet.</param>
/// <param name="events">The event feed; gets each call for a change.</param>
/// <param name="log">Gets a line for each call for a change.</param>
internal sealed class ControlApi(
    FleetManager fleet,
    Drill drill,
    Func<bool> allowsDrills,
    Func<(string? Refusal, IReadOnlyList<string> Changed)> reload,
    Authorization authorization,
    StatusSource status,
    EventFeed events,
    Log log)
{
    private const string Configure = "configure one as Edge:Control:Token (EDGE__CONTROL__TOKEN) and send it as 'Authorization: Bearer <token>'";

    internal const string BeingTakenOver = "another process takes over this balancer: it will answer in a moment";

    // Written by hand, in a file beside this one; a test compares it with the answers.
    private static readonly ControlResponse s_openApi = new(200, LivePage.Resource("openapi.json"), [Field("Content-Type", "application/json")]);

    private readonly RefusalLog _refusals = new(log, authorization.Time);
    private readonly CallNotes _notes = new(log);

    /// <summary>What /edge/metrics answers, in the text format of Prometheus.</summary>
    internal Func<ReadOnlyMemory<byte>> Metrics { get; init; } = () => default;

    /// <summary>The services beside the default one; null where there can be none.</summary>
    internal ServiceRegistry? Services { get; init; }

    /// <summary>Whether changes of a fleet may begin.</summary>
    internal ChangeGate Changes { get; } = new();

    private SizeCalls Sizes => field ??= new SizeCalls(Changes, events, _notes);

    private DeployCalls Deploys => field ??= new DeployCalls(Changes, events, _notes);

    internal async Task<ControlResponse> AnswerAsync(ControlRequest request)
    {
        Access access = authorization.Check(request, out int wait);
        ControlPath? path = ControlPaths.Find(request.Path, out string? service);
        if (path == ControlPaths.Page && request.Method == path.Methods && access is Access.TokenNeeded or Access.TokenWrong)
        {
            // The page shows nothing by itself. A browser without a token, or with an old one, gets the page so that it can ask for the token.
            return LivePage.Response;
        }

        if (Denied(request, access, wait) is { } denied)
        {
            _refusals.Note(request, denied.Status, access.ToString());
            return denied;
        }

        if (path is null)
        {
            return Error(404, $"the balancer has no path '{Printable(request.Path)}'; it has {string.Join(", ", ControlPaths.All.Select(p => p.Text))}");
        }

        if (!path.Takes(request.Method))
        {
            return WrongMethod(request, path.Methods);
        }

        if ((service is null ? fleet : Services?.Find(service)?.Fleet) is not { } asked)
        {
            IEnumerable<string> names = (Services?.All ?? []).Select(one => one.Name).Prepend(ControlPaths.DefaultService);
            return Error(404, $"there is no service '{Printable(service!)}'; there is {string.Join(", ", names)}");
        }

        return path.Operation switch
        {
            ControlOperation.List => List(asked.Snapshot),
            ControlOperation.Add => await ChangeAsync(request, asked, service, isAdd: true, ByOf(access)),
            ControlOperation.Remove => await ChangeAsync(request, asked, service, isAdd: false, ByOf(access)),
            ControlOperation.Page => LivePage.Response,
            ControlOperation.Status => Successful(status.Read(fleet.Snapshot, fleet.Capabilities.StartsReplicas), ContractJson.Readable.EnvelopeStatusReport),
            ControlOperation.History => Successful(status.History(asked.Snapshot, service), ContractJson.Readable.EnvelopeHistoryReport),
            ControlOperation.Events => Listen(request),
            ControlOperation.Metrics => new ControlResponse(200, Metrics(), [Field("Content-Type", PrometheusText.ContentType)]),
            ControlOperation.Weigh => await WeighAsync(request, asked, service, ByOf(access)),
            ControlOperation.Pause => Switch(request, service, ServiceMode.Paused, ByOf(access)),
            ControlOperation.Stop => Switch(request, service, ServiceMode.Stopped, ByOf(access)),
            ControlOperation.Resume => Switch(request, service, ServiceMode.Open, ByOf(access)),
            ControlOperation.Scale when request.Method == "GET" => SizeCalls.Show(asked),
            ControlOperation.Scale => await Sizes.ScaleAsync(request, asked, service, ByOf(access)),
            ControlOperation.Sleep => await Sizes.SleepAsync(request, asked, service, ByOf(access)),
            ControlOperation.Wake => await Sizes.WakeAsync(request, asked, service, ByOf(access)),
            ControlOperation.Deploy when request.Method == "GET" => DeployCalls.Show(asked),
            ControlOperation.Deploy => await Deploys.BeginAsync(request, asked, service, ByOf(access)),
            ControlOperation.PauseDeploy => await Deploys.CommandAsync(request, DeployCommand.Pause, asked, service, ByOf(access)),
            ControlOperation.ResumeDeploy => await Deploys.CommandAsync(request, DeployCommand.Resume, asked, service, ByOf(access)),
            ControlOperation.PromoteDeploy => await Deploys.CommandAsync(request, DeployCommand.Promote, asked, service, ByOf(access)),
            ControlOperation.AbortDeploy => await Deploys.CommandAsync(request, DeployCommand.Abort, asked, service, ByOf(access)),
            ControlOperation.RollBackDeploy => await Deploys.CommandAsync(request, DeployCommand.Rollback, asked, service, ByOf(access)),
            ControlOperation.Drill => await DrillAsync(request, ByOf(access)),
            ControlOperation.Reload => Reload(request, ByOf(access)),
            ControlOperation.Describe => s_openApi,
            _ => throw new UnreachableException(),
        };
    }

    private static ControlResponse? Denied(ControlRequest request, Access access, int wait) => access switch
    {
        Access.GrantedByToken or Access.GrantedByLoopback => null,
        Access.TokenNeeded => Error(
            401,
            "no token was sent: this path needs 'Authorization: Bearer <token>', with the token that is configured as Edge:Control:Token",
            Field("WWW-Authenticate", "Bearer")),
        Access.TokenWrong => Error(
            401,
            "the token is wrong: it is not the one that is configured as Edge:Control:Token, or was not sent once as 'Authorization: Bearer <token>'",
            Field("WWW-Authenticate", "Bearer")),
        Access.TooManyAttempts => Error(
            429,
            $"too many wrong tokens came from {request.Peer}; the next one is looked at in {wait} s",
            Field("Retry-After", wait.ToString(CultureInfo.InvariantCulture))),
        Access.CrossOrigin => Error(
            403,
            $"a page that is not from '{Printable(request.Host)}' cannot have a browser change anything here"),
        Access.NotForwarded => Error(
            403,
            $"a proxy on this machine sent this for somebody else, who is not let in without a token; {Configure}"),
        Access.UnknownHost => Error(
            403,
            $"'{Printable(request.Host)}' is neither localhost nor an address; list it in Edge:Control:Hosts, or {Configure}"),
        _ => Error(403, $"callers from {request.Peer} are not let in without a token; {Configure}"),
    };

    private async Task<ControlResponse> DrillAsync(ControlRequest request, string by)
    {
        if (!allowsDrills())
        {
            return Refused(403, "drills are off; Edge:Control:Drill=true (EDGE__CONTROL__DRILL) allows them");
        }

        if (DrillRequest.Read(request.Body, out string replica, out ReplicaFault fault) is { } wrong)
        {
            return Refused(400, wrong);
        }

        if (!Changes.TryEnter())
        {
            return Refused(503, BeingTakenOver);
        }

        try
        {
            (DrillOutcome? outcome, CallRefusal? refusal) = await drill.RunAsync(replica, fault);
            _notes.Over("call_drill", request, by, null, refusal, ("replica", replica), ("fault", fault));
            events.Publish("call_drill", $"{replica} by {request.Peer}: {(refusal is null ? $"{outcome!.Clients.Failed} requests failed" : refusal.Message)}");
            return outcome is null
                ? Error(refusal!)
                : Successful(DrillRequest.Report(replica, fault, outcome), ContractJson.Readable.EnvelopeDrillReport);
        }
        finally
        {
            Changes.Leave();
        }

        ControlResponse Refused(int status, string why) => _notes.Refused("call_drill", request, by, null, status, why);
    }

    private async Task<ControlResponse> ChangeAsync(ControlRequest request, FleetManager asked, string? service, bool isAdd, string by)
    {
        if (request.Body.Length > Limits.ControlBodyBytes)
        {
            return Refused(413, $"the body has {request.Body.Length} bytes; allowed are {Limits.ControlBodyBytes}");
        }

        string? wrong = ChangeRequest.Read(request.Body, isAdd, out ChangeRequest? change);
        if (change is null)
        {
            return Refused(400, wrong!);
        }

        if (!Changes.TryEnter())
        {
            return Refused(503, BeingTakenOver);
        }

        try
        {
            FleetAnswer answer = await ChangeAsync(asked, change, isAdd);
            _notes.Over(
                NameOf(isAdd), request, by, service, answer.Refusal, ("n", change.N), ("hostnames", string.Join(',', change.Hostnames)));
            events.Publish(NameOf(isAdd), $"{change}{Of(service)} by {request.Peer}: {answer.Refusal?.Message ?? "done"}");
            return answer.Refusal is { } refusal ? Error(refusal) : isAdd ? List(answer.Running, []) : Removed(answer);
        }
        finally
        {
            Changes.Leave();
        }

        ControlResponse Refused(int status, string why) => _notes.Refused(NameOf(isAdd), request, by, null, status, why);
    }

    private async Task<FleetAnswer> ChangeAsync(FleetManager asked, ChangeRequest change, bool isAdd)
    {
        if (isAdd)
        {
            return await asked.AddAsync(change.N, change.Hostnames, change.Weight);
        }

        await Changes.BeforeRemovals;
        return await asked.RemoveAsync(change.N, change.Hostnames);
    }

    private async Task<ControlResponse> WeighAsync(ControlRequest request, FleetManager asked, string? service, string by)
    {
        string? wrong = WeightRequest.Read(request.Body, out WeightBody? body);
        if (body is null)
        {
            return _notes.Refused("call_weight", request, by, null, 400, wrong!);
        }

        FleetAnswer answer = await asked.WeighAsync(body.Hostnames!, body.Weight!.Value);
        _notes.Over(
            "call_weight", request, by, service, answer.Refusal, ("hostnames", string.Join(',', body.Hostnames!)), ("weight", body.Weight));
        string names = string.Join(", ", body.Hostnames!);
        events.Publish("call_weight", $"{names} to {body.Weight}{Of(service)} by {request.Peer}: {answer.Refusal?.Message ?? "done"}");
        return answer.Refusal is { } refusal ? Error(refusal) : List(answer.Running, []);
    }

    private ControlResponse Switch(ControlRequest request, string? service, ServiceMode mode, string by)
    {
        string name = $"call_{mode switch { ServiceMode.Open => "resume", ServiceMode.Paused => "pause", _ => "stop" }}";
        if (!Changes.TryEnter())
        {
            return _notes.Refused(name, request, by, null, 503, BeingTakenOver);
        }

        try
        {
            // Null where the service has gone since it was looked for.
            if (Services?.Switch(service, mode) is not { } was)
            {
                return _notes.Refused(name, request, by, null, 404, $"there is no service '{service}'");
            }

            string shown = service ?? ControlPaths.DefaultService;
            log.Info(name, ("peer", request.Peer), ("by", by), ("service", shown), ("was", was.Word()), ("result", "done"));
            if (was != mode)
            {
                events.Publish(mode == ServiceMode.Open ? "service_resumed" : $"service_{mode.Word()}", $"by {request.Peer}", service);
            }

            return Successful(new ServiceModeReport(shown, mode.Word(), was.Word()), ContractJson.Readable.EnvelopeServiceModeReport);
        }
        finally
        {
            Changes.Leave();
        }
    }

    private ControlResponse Reload(ControlRequest request, string by)
    {
        (string? refusal, IReadOnlyList<string> changed) = reload();
        log.Info("call_reload", ("peer", request.Peer), ("by", by), ("result", refusal is null ? "done" : "refused"));
        events.Publish("call_reload", $"by {request.Peer}: {(refusal is null ? "done" : "refused")}");
        return refusal is null
            ? Successful(new ReloadReport(changed), ContractJson.Readable.EnvelopeReloadReport)
            : Error(409, $"the options are as before: {refusal}");
    }

    private ControlResponse Listen(ControlRequest request)
    {
        const string Past = "past=";
        int past = 0;
        if (request.Query.StartsWith(Past, StringComparison.Ordinal)
            && !OptionValues.TryParseInteger(request.Query[Past.Length..], 0, Limits.EventsKept, out past))
        {
            return Error(400, $"'{Printable(request.Query)}' is not understood; {Past}N asks for the last N events, of up to {Limits.EventsKept}");
        }

        return events.Listen(request.All("Last-Event-ID").FirstOrDefault(), past) is { } listener
            ? new ControlResponse(200, default, [new("Content-Type", "text/event-stream"), new("Cache-Control", "no-store")])
            {
                Stream = new ControlStream(listener.NextAsync, listener.Dispose),
            }
            : Error(503, $"{Limits.EventListeners} clients listen already, or the balancer is about to end", Field("Retry-After", "5"));
    }

    private static string Of(string? service) => service is null ? "" : $" of {service}";

    private static string NameOf(bool isAdd) => isAdd ? "call_add" : "call_rm";

    private static string ByOf(Access access) => access == Access.GrantedByToken ? "token" : "loopback";

    // RFC 9111 §5.5: this is still the field for an answer that may be stale, and 110 means just that.
    private static ControlResponse List(FleetSnapshot fleet) => List(
        fleet.Running,
        fleet.Blindness is { } why ? [Field("Warning", $"110 edge \"what was known before the driver lost sight: {Printable(why).Replace('"', '\'')}\"")] : []);

    private static ControlResponse List(IReadOnlyList<string> running, KeyValuePair<string, string>[] fields) =>
        Json(
            200, new Envelope<ReplicaList>(new ReplicaList(running.Count, running), Envelope<ReplicaList>.Successful),
            ContractJson.Readable.EnvelopeReplicaList, fields);

    private static ControlResponse Removed(FleetAnswer answer)
    {
        IEnumerable<DrainReceiptReport> drained = answer.Drained.Select(d => new DrainReceiptReport(
            d.Name, d.Requests.Finished, d.Requests.Retried, d.Requests.Cut, d.Requests.LongestMilliseconds, d.End.ExitCode, d.End.OutOfMemory));
        var body = new RemovalEnvelope(new ReplicaList(answer.Running.Count, answer.Running), Envelope<ReplicaList>.Successful, [.. drained]);
        return new ControlResponse(
            200, JsonSerializer.SerializeToUtf8Bytes(body, ContractJson.Readable.RemovalEnvelope), [new("Content-Type", "application/json")]);
    }

    private static ControlResponse WrongMethod(ControlRequest request, string allowed) =>
        Error(405, $"{request.Path} does not take {Printable(request.Method)}; it takes {allowed}", Field("Allow", allowed));
}
