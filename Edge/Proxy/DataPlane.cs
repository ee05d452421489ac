using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Edge.Config;
using Edge.Contract;
using Edge.Io;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>The event loops together: what the rest of the process sees of the data plane.</summary>
internal sealed class DataPlane : IPlaneFigures, IServicePlane
{
    private readonly RoutingTableCell _table;
    private readonly ProxyLoop[] _loops;
    private readonly TimeProvider _time;
    private readonly bool[] _servesControl;

    /// <param name="options">
    /// Checked before. The addresses, the number of loops and the connections of one client are fixed for the life of the process.
    /// </param>
    /// <param name="control">Answers requests for the balancer's own paths; called on the thread pool.</param>
    /// <param name="time">The clock of drains; the loops have their own.</param>
    /// <param name="log">Gets the access log; null for none, whatever the options say.</param>
    internal DataPlane(EdgeOptions options, ControlHandler control, TimeProvider time, AccessLog? log = null)
    {
        _time = time;
        _table = new RoutingTableCell(options);
        var clientCounts = new ClientCounts(options.Overload.ConnectionsPerClient);
        var handshakeCounts = new ClientCounts(options.Overload.HandshakesPerClient);
        var rates = new ClientRates();
        _loops = [.. Enumerable.Range(0, options.LoopCount()).Select(i => new ProxyLoop(
            i, options, options.LoopCount(), _table, control, clientCounts, handshakeCounts, rates,
            r => EjectionDue?.Invoke(r), s => WakeWanted?.Invoke(s), log))];
        foreach (ProxyLoop loop in _loops)
        {
            loop.Context.Tokens = Tokens;
        }

        _servesControl = [.. options.ListenAddresses().Select(options.ServesControl)];
        Addresses = options.ListenAddresses();
        ControlEndpoint = options.ControlEndpoint();
    }

    /// <summary>So many requests to a replica failed in a row that an ejection is due. Called on a loop's thread: it must return at once.</summary>
    internal event Action<Replica>? EjectionDue;

    /// <summary>A request has come for a service that is asleep. Called on a loop's thread: it must return at once.</summary>
    internal event Action<Service>? WakeWanted;

    public int Loops => _loops.Length;

    /// <summary>Where clients connect; after <see cref="Start()"/> with the ports that were really taken.</summary>
    internal IReadOnlyList<ListenAddress> Addresses { get; private set; }

    /// <summary>The first of them.</summary>
    internal IPEndPoint Endpoint => Addresses[0].Endpoint;

    /// <summary>Those of them at which the balancer's own paths are served, beside the forwarded ones.</summary>
    internal IEnumerable<ListenAddress> SharedAddresses => Addresses.Where((_, i) => _servesControl[i]);

    /// <summary>Where the balancer's own paths are, if they are apart.</summary>
    internal IPEndPoint? ControlEndpoint { get; private set; }

    /// <summary>What the loops answer to a certificate authority, over plain HTTP. From any thread.</summary>
    internal AcmeTokens Tokens { get; } = new();

    /// <summary>What clients see of TLS; before the start. Its certificates and rules may change later.</summary>
    internal void Use(TlsFrontend tls)
    {
        foreach (ProxyLoop loop in _loops)
        {
            loop.Context.Tls = tls;
        }
    }

    /// <summary>Which replicas are believed that are spoken to over TLS; before the start.</summary>
    internal void Use(Lazy<TlsClientContext> replicas)
    {
        foreach (ProxyLoop loop in _loops)
        {
            loop.Context.ReplicaTls = replicas;
        }
    }

    /// <summary>Completes when every loop has turned: nothing that a loop had in its hands before is used any more.</summary>
    internal Task TurnedAsync() => Task.WhenAll(_loops.Select(loop => OnLoop(loop, done => done.SetResult())));

    /// <summary>Listens and begins to serve.</summary>
    /// <exception cref="SocketException">An address cannot be used.</exception>
    internal void Start() => Start(listening: null);

    /// <summary>Listens and begins to serve.</summary>
    /// <param name="listening">Called when all sockets listen, before the first connection is accepted.</param>
    /// <exception cref="SocketException">An address cannot be used.</exception>
    internal void Start(Action? listening) => Start(Array.Empty<int>().ToLookup(_ => Endpoint), listening);

    /// <summary>Listens and begins to serve, at sockets that exist already.</summary>
    /// <param name="inherited">Listening sockets from another process, with their addresses; all others are opened here.</param>
    /// <param name="listening">Called when all sockets listen, before the first connection is accepted.</param>
    /// <exception cref="SocketException">An address cannot be used.</exception>
    internal void Start(ILookup<IPEndPoint, int> inherited, Action? listening = null)
    {
        // All addresses are checked before the first socket is opened: a socket that was opened in vain would have accepted connections.
        IEnumerable<IPEndPoint> all = Addresses.Select(address => address.Endpoint).Concat(ControlEndpoint is { } apart ? [apart] : []);
        foreach (IPEndPoint wanted in all.Where(e => !inherited.Contains(e)))
        {
            Listener.CheckFree(wanted);
        }

        Addresses = [.. Addresses.Select((address, i) => address with
        {
            Endpoint = Listen(address, _servesControl[i] ? ListenerRole.Both : ListenerRole.Forwarding, [.. inherited[address.Endpoint]]),
        })];
        if (ControlEndpoint is { } control)
        {
            ControlEndpoint = Listen(new ListenAddress(Scheme.Http, control), ListenerRole.Control, [.. inherited[control]]);
        }

        listening?.Invoke();
        foreach (ProxyLoop loop in _loops)
        {
            loop.Listeners.Open();
            loop.Start();
        }
    }

    /// <summary>Each loop gets at least one socket. No inherited socket is left out, because the kernel goes on giving it connections.</summary>
    private IPEndPoint Listen(ListenAddress address, ListenerRole role, int[] inherited)
    {
        IPEndPoint endpoint = address.Endpoint;
        for (int i = 0; i < Math.Max(_loops.Length, inherited.Length); i++)
        {
            // The first socket fixes a port that the kernel chooses; the others join it.
            ProxyLoop loop = _loops[i % _loops.Length];
            endpoint = i < inherited.Length ? loop.Listen(inherited[i], role, address.IsTls) : loop.Listen(endpoint, role, address.IsTls);
        }

        return endpoint;
    }

    /// <summary>The listening sockets with their addresses, so that another process can accept at them, too.</summary>
    internal async Task<ILookup<IPEndPoint, int>> ListenersAsync()
    {
        var found = new ConcurrentBag<(IPEndPoint Endpoint, int Descriptor)>();
        await Task.WhenAll(_loops.Select(loop => OnLoop(loop, done =>
        {
            foreach (Listener listener in loop.Listeners.All)
            {
                found.Add((listener.Endpoint, listener.Fd));
            }

            done.SetResult();
        }))).ConfigureAwait(false);
        return found.ToLookup(l => l.Endpoint, l => l.Descriptor);
    }

    /// <summary>Leaves the addresses to another process that has the listening sockets. Returns when no loop accepts any more.</summary>
    internal Task HandOverAsync() => Task.WhenAll(_loops.Select(loop => OnLoop(loop, done =>
    {
        loop.HandOver();
        done.SetResult();
    })));

    /// <summary>
    /// Has other options hold in every loop: those of the process, and those of the default service. Addresses, loops and the connections of one client
    /// stay as they are.
    /// </summary>
    internal void Reconfigure(EdgeOptions options)
    {
        _table.Change(routing => routing.With(Service.Default, options));
        var changed = new LoopSettings(options, _loops.Length);
        foreach (ProxyLoop loop in _loops)
        {
            loop.Post(() => loop.Reconfigure(changed));
        }
    }

    /// <summary>Where replicas get their slots in the loops' arrays.</summary>
    internal SlotAllocator Slots { get; } = new();

    /// <summary>What the fleet of one service needs.</summary>
    public IDataPlane For(Service service) => new ServicePlane(this, service);

    public ServiceMode ModeOf(Service service) => _table.Current.ModeOf(service);

    /// <summary>As of <see cref="IDataPlane.Publish"/>, for one service; the tables of all others stay.</summary>
    internal void Publish(Service service, ReplicaTable table)
    {
        Change(routing => routing.With(service, table));
    }

    /// <summary>Has other services, routes or options of services hold. From any thread.</summary>
    /// <param name="change">Makes the new table of the present one.</param>
    public void Change(Func<RoutingTable, RoutingTable> change)
    {
        _table.Change(change);

        // A loop reads the table in each turn, and a loop whose requests all wait has no other reason to turn.
        PostAll(_ => { });
    }

    /// <summary>As of <see cref="IDataPlane.Relieve"/>.</summary>
    internal void Relieve(Replica replica) => PostAll(loop => loop.Relieve(replica));

    /// <summary>As of <see cref="IDataPlane.LoadAsync"/>, for one service.</summary>
    internal async Task<LoadFigures?> LoadAsync(Service service)
    {
        Task ended = Task.WhenAll(_loops.Select(loop => loop.Ended));
        Task<LoadFigures[]> all = Task.WhenAll(_loops.Select(loop =>
        {
            var done = new TaskCompletionSource<LoadFigures>(TaskCreationOptions.RunContinuationsAsynchronously);
            loop.Post(() => done.SetResult(loop.Services.Find(service)?.Load() ?? default));
            return done.Task;
        }));
        return await Task.WhenAny(all, ended).ConfigureAwait(false) == all ? (await all.ConfigureAwait(false)).Aggregate((sum, of) => sum + of) : null;
    }

    /// <summary>As of <see cref="IDataPlane.ObserveAsync"/>: of all services.</summary>
    internal async Task<ClientView> ObserveAsync(Func<Task> happening)
    {
        await Task.WhenAll(_loops.Select(loop => OnLoop(loop, done =>
        {
            loop.Accounting.View = new DrillObserver();
            done.SetResult();
        }))).ConfigureAwait(false);
        var views = new ConcurrentBag<ClientView>();
        try
        {
            await happening().ConfigureAwait(false);
        }
        finally
        {
            await Task.WhenAll(_loops.Select(loop => OnLoop(loop, done =>
            {
                views.Add(loop.Accounting.View!.Sum);
                loop.Accounting.View = null;
                done.SetResult();
            }))).ConfigureAwait(false);
        }

        return views.Aggregate(default(ClientView), (sum, of) => sum + of);
    }

    /// <summary>As of <see cref="IDataPlane.ReleaseAsync"/>.</summary>
    internal async Task<DrainReport> ReleaseAsync(Replica replica, TimeSpan timeout, bool isLost = false)
    {
        // Loops that have ended answer nobody any more, and have nothing in flight.
        Task ended = Task.WhenAll(_loops.Select(loop => loop.Ended));
        if (ended.IsCompleted)
        {
            return default;
        }

        Task<DrainReport[]> released = Task.WhenAll(_loops.Select(loop =>
        {
            var done = new TaskCompletionSource<DrainReport>(TaskCreationOptions.RunContinuationsAsynchronously);
            loop.Post(() => loop.Release(replica, done));
            return done.Task;
        }));

        // Its timer ends with it: one of a drain timeout of hours would be kept for each replica that left.
        Task<Task> first = Task.WhenAny(released, ended);
        await ((Task)first).WaitAsync(timeout, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!first.IsCompleted)
        {
            foreach (ProxyLoop loop in _loops)
            {
                loop.Post(() => loop.CutReplica(replica, isLost));
            }
        }

        return await Task.WhenAny(released, ended).ConfigureAwait(false) == released
            ? (await released.ConfigureAwait(false)).Aggregate(default(DrainReport), (sum, of) => sum + of) : default;
    }

    /// <summary>Closes the listeners, lets requests in flight finish until the timeout, cuts the rest, and ends the loops.</summary>
    /// <param name="drain">The timeout.</param>
    /// <param name="hurry">Completes when idle connections are to be closed at once, if they were to stay.</param>
    internal async Task StopAsync(TimeSpan drain, Task? hurry = null)
    {
        Task timeout = Task.Delay(drain, _time);
        Task drained = Task.WhenAll(_loops.Select(loop => OnLoop(loop, done => loop.Drain().ContinueWith(
            _ => done.SetResult(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default))));
        if (hurry is not null && await Task.WhenAny(drained, timeout, hurry).ConfigureAwait(false) == hurry)
        {
            PostAll(loop => loop.EndIdle());
        }

        if (await Task.WhenAny(drained, timeout).ConfigureAwait(false) != drained)
        {
            PostAll(loop => loop.CutAll());

            // Clients have a moment to read the reason. Bytes in the kernel are sent even when the loops have ended.
            await Task.WhenAny(drained, Task.Delay(TimeSpan.FromMilliseconds(Limits.PartingMilliseconds), _time)).ConfigureAwait(false);
        }

        PostAll(loop => loop.Stop());

        await Task.WhenAll(_loops.Select(loop => loop.Ended)).ConfigureAwait(false);
        foreach (ProxyLoop loop in _loops)
        {
            loop.Dispose();
        }
    }

    public LoopCounters Figures(int loop)
    {
        LoopCounters figures = default;
        _loops[loop].AddTo(ref figures);
        return figures;
    }

    public ServiceCounters Figures(Service service)
    {
        ServiceCounters sum = default;
        foreach (ProxyLoop loop in _loops)
        {
            if (service == Service.Default)
            {
                LoopCounters own = default;
                loop.Context.AddTo(ref own);
                Counters.AddTo(ref own.Requests, ref sum);
            }
            else if (loop.Services.Counts.Find(service) is { } counts)
            {
                Counters.AddTo(ref counts.Counters, ref sum);
            }
        }

        return sum;
    }

    public IReadOnlyList<string> Methods => Http.Methods.Names;

    public AnswerTable Answers() => Sum((loop, sum) =>
    {
        loop.Context.Answers.AddTo(sum);
        loop.Services.Counts.AddTo(sum);
    });

    public AnswerTable Answers(Service service) => Sum((loop, sum) =>
        (service == Service.Default ? loop.Context.Answers : loop.Services.Counts.Find(service)?.Answers)?.AddTo(sum));

    public AnswerTable ControlAnswers() => Sum((loop, sum) => loop.Context.ControlAnswers.AddTo(sum));

    /// <summary>The counts of each loop; from any thread.</summary>
    internal LoopReport[] Report() => [.. _loops.Select(loop => loop.Report())];

    private AnswerTable Sum(Action<ProxyLoop, AnswerTable> add)
    {
        var sum = new AnswerTable();
        foreach (ProxyLoop loop in _loops)
        {
            add(loop, sum);
        }

        return sum;
    }

    private void PostAll(Action<ProxyLoop> action)
    {
        foreach (ProxyLoop loop in _loops)
        {
            loop.Post(() => action(loop));
        }
    }

    private static Task OnLoop(ProxyLoop loop, Action<TaskCompletionSource> action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(() => action(done));
        return done.Task;
    }
}
