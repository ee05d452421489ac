using Edge.Config;
using Edge.Fleet;
using Edge.Telemetry;

namespace Edge.Services;

/// <summary>
/// Has all services be there: those of the options, and those that replicas claim themselves, if they may. What is decided of claims is
/// <see cref="RouteClaims"/>; this follows them, and the options. While claims cannot be had, everything stays as it is.
/// </summary>
/// <param name="registry">The services that run.</param>
/// <param name="source">Where the claims are; null if options alone make services.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Gets a line for each claim that is refused.</param>
internal sealed class LabelledServices(ServiceRegistry registry, IRouteClaims? source, TimeProvider time, Log log) : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly Lock _one = new();
    private readonly RouteClaims _claims = new();
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<RouteClaim> _last = [];
    private IReadOnlyList<IgnoredReplica> _refused = [];
    private IReadOnlyList<string> _hosts = [];
    private EdgeOptions _options = new();
    private ITimer? _timer;
    private Task _following = Task.CompletedTask;

    /// <summary>A replica asked for what it does not get: its name, and why. The handler must return at once, and must not throw.</summary>
    internal event Action<string, string>? RouteRefused;

    /// <summary>The services may be others, or have other hosts. The handler must return at once, and must not throw.</summary>
    internal event Action? Changed;

    /// <summary>Who asked for what he does not get, and why.</summary>
    internal IReadOnlyList<IgnoredReplica> Refused => Volatile.Read(ref _refused);

    /// <summary>The hosts of services that claims made, those that have been there for longest first.</summary>
    internal IReadOnlyList<string> Hosts => Volatile.Read(ref _hosts);

    /// <summary>Completes when the claims have been seen once; at once where there can be none.</summary>
    internal Task Known => source is null ? Task.CompletedTask : _known.Task;

    /// <summary>Begins to follow the claims. Returns at once.</summary>
    internal void Start() => _following = source is null ? Task.CompletedTask : Task.Run(() => FollowAsync(source));

    /// <summary>Has these options hold.</summary>
    internal void Use(EdgeOptions options)
    {
        lock (_one)
        {
            _options = options;
            Decide();
        }

        Changed?.Invoke();
    }

    /// <summary>Ends following; the services stay.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_one)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    private async Task FollowAsync(IRouteClaims claims)
    {
        bool isLost = false;
        while (true)
        {
            try
            {
                await foreach (IReadOnlyList<RouteClaim> all in claims.WatchAsync(_end.Token))
                {
                    if (isLost)
                    {
                        log.Info("labels_back");
                        isLost = false;
                    }

                    Use(all);
                }
            }
            catch (Exception lost) when (!_end.IsCancellationRequested)
            {
                // Also what nobody expects: without this task, labels would be read no more, and nobody told.
                if (!isLost)
                {
                    log.Warning("labels_lost", ("why", lost is DriverException ? lost.Message : lost.ToString()));
                    isLost = true;
                }
            }

            await Task.Delay(s_pause, time, _end.Token);
        }
    }

    private void Use(IReadOnlyList<RouteClaim> all)
    {
        lock (_one)
        {
            _last = all;
            Decide();
        }

        _known.TrySetResult();
        Changed?.Invoke();
    }

    private void LookAgain()
    {
        lock (_one)
        {
            if (!_end.IsCancellationRequested)
            {
                Decide();
            }
        }

        Changed?.Invoke();
    }

    private void Decide()
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_options.Labelled is not null)
        {
            _claims.Decide(_last, _options, now);
        }

        foreach (IgnoredReplica refused in _claims.Refused.Except(_refused))
        {
            log.Warning("route_refused", ("name", refused.Name), ("why", refused.Why));
            RouteRefused?.Invoke(refused.Name, refused.Why);
        }

        Volatile.Write(ref _refused, _claims.Refused);
        NamedServiceOptions[] claimed = [.. _claims.Held.Values.Select(routes => OptionsOf(routes, _options.Labelled!))];
        var places = _claims.Held.Values.SelectMany(routes => routes.Places).ToLookup(place => place.Key, place => place.Value);
        Volatile.Write(ref _hosts, [.. claimed.SelectMany(service => service.CertificateHosts()).Distinct().OrderBy(host => places[host].Min())]);
        registry.Apply([.. _options.Services, .. claimed]);
        _timer?.Dispose();
        _timer = _claims.LookAgain is { } again
            ? time.CreateTimer(_ => LookAgain(), null, again > now ? again - now : TimeSpan.Zero, Timeout.InfiniteTimeSpan) : null;
    }

    // The first host is the one that other names lead to: without one, nothing is for them.
    private static NamedServiceOptions OptionsOf(HeldRoutes routes, NamedServiceOptions model)
    {
        RouteClaim claim = routes.Claim;
        string[] hosts = [.. claim.Hosts.Where(routes.Places.ContainsKey).OrderBy(host => host.StartsWith('*'))];
        string[] others = hosts is [['*', ..], ..] or [] ? [] : [.. claim.OtherNames.Except(hosts).Where(routes.Places.ContainsKey)];
        return model with
        {
            Name = claim.Service,
            ReplicaPrefix = claim.Service + "_",
            Hosts = hosts,
            Redirect = others,
            Paths = [.. claim.Paths.Select(path => path.Length == 0 ? "/" : path)],
            Strip = claim.Strips,
            Sticky = claim.IsSticky ?? model.Sticky,
            Fleet = model.Fleet with { Name = claim.Service },
        };
    }
}
