using System.Net;
using System.Net.Sockets;
using Edge.Cli;
using Edge.Config;
using Edge.Control;
using Edge.Fleet;
using Edge.Http;
using Edge.Io;
using Edge.Proxy;
using Edge.Routing;
using Edge.Services;
using Edge.Takeover;
using Edge.Telemetry;
using Authorization = Edge.Control.Authorization;

namespace Edge.Hosting;

/// <summary>
/// The balancer as a process: connects the planes, serves until it is told to end, and ends in order. It is the only place that knows all parts.
/// </summary>
internal sealed partial class EdgeHost : ITakeoverHost, IAsyncDisposable
{
    // The fleet is known at once, except if the driver cannot say it yet; forwarding must not wait long for that.
    private static readonly TimeSpan KnownTimeout = TimeSpan.FromSeconds(2);

    private readonly Authorization _authorization;
    private readonly Reload _reload;
    private readonly LiveOptions _live;
    private readonly string _why;
    private readonly IReplicaDriver _driver;
    private readonly HealthProber _prober;
    private readonly DataPlane _plane;
    private readonly TicketRotation? _tickets;
    private readonly ServedCertificates? _certificates;
    private readonly AcmeCertificates? _acme;
    private readonly ProgramPages? _pages;
    private readonly AccessLog _accessLog;
    private readonly FleetManager _fleet;
    private readonly ServedServices _services;
    private readonly ControlApi _api;
    private readonly EventFeed _events;
    private readonly LastMinute _minute;
    private readonly Log _log;
    private readonly ServiceNotices _notices;
    private readonly Successor _successor;
    private readonly Predecessor? _predecessor;
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _handedOver = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EdgeHost(LoadedOptions loaded, OptionSources sources, LiveOptions live, DriverChoice choice, Surroundings surroundings,
        Predecessor? predecessor, NotifySocket? manager, Log log, TimeProvider time)
    {
        EdgeOptions options = live.Options;
        (_live, _log, _predecessor) = (live, log, predecessor);
        (_driver, _why) = (choice.Driver!, choice.Why);
        Lazy<TlsClientContext> trust = TrustedReplicas.Of(options, log);
        _prober = new HealthProber(options.Health, options.Timeouts.Start, _driver.Capabilities, time) { Trust = trust };
        _accessLog = new AccessLog(options.AccessLog.File, log);
        _plane = new DataPlane(options, request => _api!.AnswerAsync(request), time, _accessLog);
        _plane.Use(trust);
        _pages = OpenPages(log);
        _services = new ServedServices(options, surroundings, _plane, trust, time, log);
        if (options.Tls.NamesFiles() || options.HasAuthority())
        {
            _tickets = new TicketRotation(predecessor?.Tickets, time);
            var names = new CertificateNames(() => _services.Labelled.Hosts, host => _certificates!.HaveFiles(host), log);
            _acme = options.HasAuthority() ? new AcmeCertificates(live, names, _plane, _tickets.Keys, log, time) : null;
            _certificates = ServedCertificates.Read(options, _tickets.Keys, _acme is null ? [] : [_acme], () => _plane.TurnedAsync(), log, time);
            _certificates.Store.Happened += (kind, what) => _events!.Publish(kind, what);
            _plane.Use(_certificates.Frontend);
            _acme?.Happened += (kind, what) => _events!.Publish(kind, what);
        }

        IDataPlane plane = _plane.For(Service.Default);
        ServiceOptions grown = options.WithReplicas(predecessor?.Replicas ?? 0);
        _fleet = new FleetManager(_driver, plane, _prober.WatchAsync, grown, time, Random.Shared, log) { SmokeTest = _prober.AskAsync };
        _plane.EjectionDue += _fleet.Eject;
        _plane.EjectionDue += _services.Registry.Eject;
        _authorization = new Authorization(options.Control.Token, options.Control.Hosts, time);
        DateTimeOffset started = time.GetUtcNow();
        LoadedOptions Load(LoadedOptions present) =>
            ReloadChecks.Usable(OptionsLoader.Load(sources, OptionFileReads.AtReload(present)), Options, _acme is not null, surroundings);
        _reload = new Reload(loaded, Load, Apply, log);
        _events = new EventFeed(time);
        _fleet.Changed += snapshot => _events.Look(snapshot);
        _services.Registry.Changed += (service, snapshot) => _events.Look(snapshot, service);
        _services.Registry.Listed += _events.List;
        _services.Labelled.RouteRefused += (name, why) => _events.Publish("route_refused", $"{name}: {why}");
        _services.Labelled.Changed += () => _acme?.Look();
        _services.Begin(options, predecessor?.Modes ?? []);
        _reload.Done += (refusal, changed) => _events.Publish(refusal is null ? "options_reloaded" : "options_refused", refusal ?? changed);
        _reload.Done += (_, _) => _accessLog.Reopen(Options.AccessLog.File);
        _notices = new ServiceNotices(manager, () => _fleet.Snapshot, log);
        _fleet.Changed += _ => _notices.Look();
        _reload.Starting += _notices.Reloading;
        _reload.Done += (refusal, _) => _notices.Reloaded(refusal);
        _successor = Successor.OfProcess(manager, log);
        _successor.Changed += _notices.Succession;
        _minute = new LastMinute(
            _plane, () => Snapshots().SelectMany(f => f.Replicas).Select(replica => replica.Counting).OfType<Replica>(),
            () => _services.Registry.All.Select(service => service.Service).Prepend(Service.Default), time);
        var status = new StatusSource(() => Report(started), _plane.Report, () => _reload.Current.Shown(), _plane, _minute, time)
        {
            Certificates = _certificates?.Store,
            Services = _services.Registry,
            RoutesRefused = () => _services.Labelled.Refused,
        };
        var drill = new Drill(_fleet, _driver, plane, time, log);
        _api = new ControlApi(_fleet, drill, () => Options.Control.Drill, _reload.Run, _authorization, status, _events, log)
        {
            Services = _services.Registry,
            Metrics = new Metrics(_fleet, _plane, Build.Current, started)
            {
                Log = _accessLog,
                Certificates = _certificates?.Store,
                Services = _services.Registry,
            }.Write,
        };
    }

    /// <summary>Serves until a signal or a takeover ends it. Returns the exit code.</summary>
    /// <param name="loaded">The options from all sources, without mistakes.</param>
    /// <param name="sources">The sources, for reading the options again.</param>
    /// <param name="takesOver">Whether it takes the place of the balancer that listens at the same address, if there is one.</param>
    /// <param name="manager">The service manager's socket; null if there is none.</param>
    /// <param name="log">The process log.</param>
    internal static async Task<int> ServeAsync(LoadedOptions loaded, OptionSources sources, bool takesOver, NotifySocket? manager, Log log)
    {
        var live = new LiveOptions(loaded.Options!);
        TimeProvider time = TimeProvider.System;
        try
        {
            using Predecessor? predecessor = takesOver
                ? await Predecessor.FindAsync([.. live.Options.Endpoints()], RunAs.UserOf(live.Options)?.User, CancellationToken.None)
                : null;
            predecessor?.CheckAddresses([.. live.Options.Endpoints()]);
            var surroundings = Surroundings.OfProcess();
            DriverChoice choice = await DriverChoice.MakeAsync(loaded, surroundings, () => live.Options.Timeouts.Stop, log, time);
            if ((choice.Driver is null ? choice.Why : DriverChoice.Lack(live.Options, surroundings)) is { } lack)
            {
                await Console.Error.WriteLineAsync($"edge: {lack}");
                return ExitCodes.Usage;
            }

            await using var balancer = new EdgeHost(loaded, sources, live, choice, surroundings, predecessor, manager, log, time);
            if (live.Options.Fleet.Driver == FleetDriver.Auto)
            {
                predecessor?.CheckDriver(choice.Driver!.Name, choice.Why);
            }

            return await balancer.RunAsync();
        }
        catch (CertificateException refused)
        {
            await Console.Error.WriteLineAsync($"edge: {refused.Message}");
            return ExitCodes.Unavailable;
        }
        catch (TakeoverException refused)
        {
            string addresses = string.Join(" or ", live.Options.ListenAddresses().Select(a => a.Endpoint));
            await Console.Error.WriteLineAsync($"edge: cannot take over the balancer at {addresses}, which goes on as it is: {refused.Message}");
            return ExitCodes.Unavailable;
        }
    }

    private EdgeOptions Options => _live.Options;

    /// <summary>Ends the replicas that end with the balancer. The fleet manager ends before, because it would start them again.</summary>
    public async ValueTask DisposeAsync()
    {
        _minute.Dispose();
        _tickets?.Dispose();
        await (_acme?.DisposeAsync() ?? ValueTask.CompletedTask);
        _certificates?.Dispose();
        await _fleet.DisposeAsync();
        await _services.DisposeAsync();
        await _driver.DisposeAsync();
        _accessLog.Dispose();
    }

    private async Task<int> RunAsync()
    {
        using var signals = new Signals(
            end: _asked.TrySetResult, reload: () => _reload.Run(), succeed: () => _successor.Start(Options.ListenAddresses()));
        _plane.WakeWanted += service => (service == Service.Default ? _fleet : _services.Registry.FleetOf(service))?.OnWakeWanted();
        try
        {
            if (_predecessor is null)
            {
                _plane.Start(BecomeUser);
            }
            else
            {
                // The sockets exist already, and replicas that are started from now on belong to the user that starts them.
                BecomeUser();
                await PrepareAsync(_predecessor);
                _plane.Start(_predecessor.Listeners);
            }
        }
        catch (RunAsException failed)
        {
            await Console.Error.WriteLineAsync($"edge: {failed.Message}");
            return ExitCodes.Unavailable;
        }
        catch (SocketException failed)
        {
            await Console.Error.WriteLineAsync($"edge: {ListenFailure.Of(Options.Endpoints(), failed)}");
            return ExitCodes.Unavailable;
        }

        if (_predecessor is null)
        {
            _fleet.Start();
            _services.Start();
            await Task.WhenAny(Task.WhenAll(_fleet.Known, _services.Known), Task.Delay(KnownTimeout), _asked.Task, _fleet.Completion);
        }
        else
        {
            await _predecessor.TakeAsync();
            _log.Info("took_over", ("from_pid", _predecessor.Pid));
            _events.Publish("took_over", $"from process {_predecessor.Pid}");
            _api.Changes.BeforeRemovals = _predecessor.EndAsync();
        }

        return await ServeAsync();
    }

    private void BecomeUser()
    {
        RunAs.Become(RunAs.UserOf(Options), _driver.Capabilities, _log);
        _acme?.Open(_certificates!.Frontend);
    }

    /// <summary>Waits until a replica can answer before anything is accepted. The old balancer serves until then.</summary>
    private async Task PrepareAsync(Predecessor predecessor)
    {
        _fleet.Start();
        _services.Start();
        var steady = Task.WhenAll(_fleet.Steady, _services.Steady);
        await Task.WhenAny(steady, Task.Delay(Options.Timeouts.Start), _asked.Task, predecessor.Silence, _fleet.Completion);
        if (_asked.Task.IsCompleted)
        {
            throw GiveUp(predecessor, "this one was told to end");
        }

        if (!_services.Labelled.Known.IsCompleted && !predecessor.Silence.IsCompleted)
        {
            throw GiveUp(predecessor, $"it is not known which services labels name within {Options.Timeouts.Start.TotalSeconds:0.###} s (Edge:Timeouts:Start)");
        }

        // If the old balancer has ended, its clients wait in the queues of the sockets.
        if (!_fleet.Steady.IsCompleted && !predecessor.Silence.IsCompleted && _fleet.Snapshot.Replicas.All(r => r.State != ReplicaState.Healthy))
        {
            throw GiveUp(predecessor, $"no replica is in rotation here within {Options.Timeouts.Start.TotalSeconds:0.###} s (Edge:Timeouts:Start)");
        }
    }

    /// <summary>Tells the old balancer at once, and does not wait until the replicas that were started for this have ended.</summary>
    private static TakeoverException GiveUp(Predecessor predecessor, string why)
    {
        predecessor.Dispose();
        return new TakeoverException(why);
    }

    private async Task<int> ServeAsync()
    {
        using var end = new CancellationTokenSource();
        Task takeover = new TakeoverServer(_plane.Endpoint, this, _log).RunAsync(end.Token);
        await PrintStartAsync();
        _notices.Ready();
        _ = PrintFleetAsync();
        _acme?.Start();
        await Task.WhenAny(_asked.Task, _handedOver.Task, _fleet.Completion);
        // Otherwise the listeners of the event feed would wait for ever.
        _events.Publish(_handedOver.Task.IsCompleted ? "handed_over" : "draining", null);
        _events.Close();
        if (_handedOver.Task.IsCompleted)
        {
            await takeover;
            await _plane.StopAsync(Options.Timeouts.Drain, hurry: _asked.Task);
            return ExitCodes.Ok;
        }

        _notices.Stopping(Options.Timeouts.Drain + Options.Timeouts.Stop);
        await end.CancelAsync();
        if (!_asked.Task.IsCompleted)
        {
            _log.Error("fleet_fault", ("why", _fleet.Completion.Exception));
            return ExitCodes.Software;
        }

        await _plane.StopAsync(Options.Timeouts.Drain);
        return ExitCodes.Ok;
    }

    /// <summary>Puts other options into effect, those that can change.</summary>
    private void Apply(EdgeOptions options)
    {
        _live.Options = options;
        _plane.Reconfigure(options);
        _certificates?.Use(options.Tls);
        _prober.Reconfigure(options.Health, options.Timeouts.Start);
        _fleet.Reconfigure(options);
        _services.Labelled.Use(options);
        _authorization.Change(options.Control.Token, options.Control.Hosts);
    }

    private IEnumerable<FleetManager> Fleets() => _services.Registry.All.Select(service => service.Fleet).Prepend(_fleet);

    private IEnumerable<FleetSnapshot> Snapshots() => Fleets().Select(fleet => fleet.Snapshot);

    private BalancerReport Report(DateTimeOffset started) => new(
        Build.Current.Version, started, Options.Fleet.Name, _driver.Name, _why, Options.Fleet.Minimum, Options.Fleet.Maximum);

    // Of several, one that clients without TLS can reach.
    private ListenAddress OwnPaths() => _plane.ControlEndpoint is { } apart ? new ListenAddress(Scheme.Http, apart)
        : _plane.SharedAddresses.OrderBy(address => address.IsTls).First();

    private async Task PrintStartAsync()
    {
        await Console.Out.WriteAsync(StartMessage.Of(
            Build.Current.Version, _plane.Addresses, OwnPaths(), _driver.Name, _driver.Capabilities, _why, hasToken: Options.Control.Token.Length > 0));
        await Console.Out.FlushAsync();
    }

    private static ProgramPages? OpenPages(Log log)
    {
        try
        {
            return ProgramPages.Open();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            log.Info("pages_kept", ("why", refused.Message));
            return null;
        }
    }

    private async Task PrintFleetAsync()
    {
        await _fleet.Steady;
        await Console.Out.WriteLineAsync($"in rotation: {string.Join(", ", Snapshots().SelectMany(fleet => fleet.Running))}");
        await Console.Out.FlushAsync();
        try
        {
            _pages?.Release();
        }
        catch (IOException refused)
        {
            _log.Info("pages_kept", ("why", refused.Message));
        }

        _pages?.Dispose();
    }
}
