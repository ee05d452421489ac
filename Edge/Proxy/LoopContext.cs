using System.Diagnostics;
using Edge.Config;
using Edge.Contract;
using Edge.Http;
using Edge.Io;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>
/// What the objects of one loop share: clock, timers, buffers, the area that all is read to, counters, settings, pools, and its part
/// of each service. Exchanges, connections and pools know this and not the loop that it belongs to: they can neither turn nor stop it.
/// Touched by the loop's thread alone, but for the counters, which others may read.
/// </summary>
internal sealed class LoopContext
{
    internal const int ReceiveBytes = Limits.ReceiveBytes;

    private const int HeadRoom = Limits.HeadBytes + Limits.HeadGrowthBytes;

    private readonly LoopBlock _block = new();
    private readonly ClientCounts _clientCounts;
    private readonly UpstreamPool?[] _pools = new UpstreamPool?[Limits.Replicas];
    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(HeadRoom, pinned: true);
    private readonly HttpDate _date = new();
    private readonly TaskCompletionSource _emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _loops;
    private LoopSettings _settings;
    private RoutingTable _routing = RoutingTable.Empty;
    private ServiceState? _onlyService;
    private ResourcePressure _pressure;
    private long _requests;
    private int _tlsPort;

    /// <param name="events">The loop's clock, timers, buffers and descriptors.</param>
    /// <param name="number">The number of the loop, from 0 on.</param>
    /// <param name="settings">The settings at the start.</param>
    /// <param name="loops">How many loops there are.</param>
    /// <param name="control">Answers requests for the balancer's own paths.</param>
    /// <param name="clientCounts">The connections that each client has, on all loops.</param>
    /// <param name="handshakeCounts">The TLS handshakes that each client has under way, on all loops.</param>
    /// <param name="ejectionDue">Told, on the loop's thread, which replica fails so many requests one after the other that it is due to be ejected.</param>
    /// <param name="log">Gets the access log; null for none.</param>
    /// <param name="protocol">How replicas are spoken to.</param>
    internal LoopContext(
        EventLoop events, int number, LoopSettings settings, int loops, ControlHandler control, ClientCounts clientCounts,
        ClientCounts handshakeCounts, Action<Replica> ejectionDue, AccessLog? log, UpstreamProtocol protocol)
    {
        Events = events;
        Timers = events.Timers;
        Buffers = events.Buffers;
        DeferredRegistration = events.DeferredRegistration;
        Number = number;
        Control = control;
        Free = new FreeObjects(this);
        Handshakes = new Handshakes(this);
        HandshakeCounts = handshakeCounts;
        Failures = new FailureReports(number, settings.EjectsOnStatus, ejectionDue);
        _settings = settings;
        DecideRedirect();
        _clientCounts = clientCounts;
        _loops = loops;
        _onlyService = new ServiceState(this, Service.Default, settings, loops);
        Services = [_onlyService];
        Log = new LoopLog(this, log);
        Log.Reconfigure(settings);
        ConnectionsInAnyCase = Math.Max(1, Descriptors.ForReplicas / loops);
        Protocol = protocol;
    }

    /// <summary>For connections, which register with it; all other objects find what they need here.</summary>
    internal EventLoop Events { get; }

    /// <summary>A monotonic clock in milliseconds; see <see cref="EventLoop.Now"/>.</summary>
    internal long Now => Events.Now;

    /// <summary>The same in nanoseconds, for measuring; see <see cref="EventLoop.Instant"/>.</summary>
    internal long Instant => Events.Instant;

    internal TimerWheel Timers { get; }

    internal BufferPool Buffers { get; }

    internal DeferredRegistration DeferredRegistration { get; }

    /// <summary>See <see cref="EventLoop.Defer"/>.</summary>
    internal void Defer(Deferrable what) => Events.Defer(what);

    /// <summary>See <see cref="EventLoop.Post"/>: from any thread.</summary>
    internal void Post(Action action) => Events.Post(action);

    internal int Number { get; }

    /// <summary>Only the loop's thread writes them.</summary>
    internal ref LoopCounters Counters => ref _block.Counters;

    /// <summary>Requests that are over, by the status that the client got; only the loop's thread writes.</summary>
    internal AnswerTable Answers => _block.Answers;

    /// <summary>The same of the balancer's own paths.</summary>
    internal AnswerTable ControlAnswers => _block.ControlAnswers;

    internal ControlHandler Control { get; }

    internal Timeouts Timeouts => _settings.Timeouts;

    internal ClientLimits ClientLimits => _settings.ClientLimits;

    internal Retries Retries => _settings.Retries;

    /// <summary>What the loop has of each service, by their numbers. A service that comes replaces the array, so that others may read it.</summary>
    internal ServiceState[] Services { get; private set; }

    internal FailureReports Failures { get; }

    internal Handshakes Handshakes { get; }

    /// <summary>The handshakes that each client has under way, on all loops.</summary>
    internal ClientCounts HandshakeCounts { get; }

    /// <summary>The TLS that clients see; null if no listener is one of https.</summary>
    internal TlsFrontend? Tls { get; set; }

    internal int HandshakesAtMost => _settings.HandshakesAtMost;

    internal LoopLog Log { get; }

    /// <summary>Whether requests may get an id or a trace; the two properties before say which.</summary>
    internal bool MakesIdentities => StartsTraces || RequestIds != RequestIdRule.Pass;

    internal RandomBits RandomBits = RandomBits.Create();

    internal RequestIdRule RequestIds => _settings.RequestIds;

    internal bool StartsTraces => _settings.StartsTraces;

    /// <summary>During a drill, counts what clients see; else null.</summary>
    internal DrillObserver? View;

    /// <summary>Whether responses carry the name of their replica.</summary>
    internal bool NameReplica => _settings.NameReplica;

    /// <summary>Whether a replica gets to finish an unsafe request whose client has left.</summary>
    internal bool FinishesAbandoned => _settings.FinishesAbandoned;

    /// <summary>Whether CONNECT is answered as an unknown method.</summary>
    internal bool ConnectIsUnknown => _settings.ConnectIsUnknown;

    /// <summary>How many upstream connections the loop has descriptors for, whatever clients take.</summary>
    internal int ConnectionsInAnyCase { get; }

    internal Head RequestHead { get; } = new();

    internal Head ResponseHead { get; } = new();

    internal PipePool Pipes { get; } = new();

    internal FreeObjects Free { get; }

    /// <summary>
    /// The area that everything is read to: it has room for a head that began earlier and for one read, and before it room for a new head in front of
    /// a body. All connections of the loop share it, so an idle one holds no buffer.
    /// </summary>
    internal ReadArea ReadArea { get; } = new(HeadRoom, Limits.HeadBytes + ReceiveBytes);

    /// <summary>How replicas are spoken to.</summary>
    internal UpstreamProtocol Protocol { get; }

    /// <summary>Where heads are written.</summary>
    internal Span<byte> Scratch => _scratch;

    /// <summary>The Via line of a message that came in HTTP/1.0 or 1.1; empty for none.</summary>
    internal ReadOnlySpan<byte> ViaLine(int minorVersion) => _settings.ViaLine(minorVersion);

    /// <summary>The same for a request; empty if requests have none.</summary>
    internal ReadOnlySpan<byte> ViaToReplicas(int minorVersion) => _settings.ViaToReplicas ? _settings.ViaLine(minorVersion) : default;

    internal bool RemovesUnderscores => _settings.RemovesUnderscores;

    /// <summary>The host for a request without one: where the loop listens for clients without TLS.</summary>
    internal byte[] DefaultHost { get; private set; } = [];

    /// <summary>The same with TLS.</summary>
    internal byte[] DefaultTlsHost { get; private set; } = [];

    /// <summary>The port to which requests without TLS are redirected; 0 where they are not.</summary>
    internal int RedirectPort { get; private set; }

    /// <summary>See <see cref="LoopSettings.StrictTransportLine"/>.</summary>
    internal ReadOnlySpan<byte> StrictTransportLine => _settings.StrictTransportLine;

    /// <summary>The process is about to end: every response is its connection's last.</summary>
    internal bool Draining { get; private set; }

    /// <summary>Another process has the addresses now, and goes on with the service.</summary>
    internal bool HandedOver { get; private set; }

    /// <summary>Whether there is little room left for other clients.</summary>
    internal bool IsCrowded => _pressure.Looks(Now, Counters.Clients, _settings.ConnectionsAtMost, Events.Descriptor);

    /// <summary>Requests that were answered, by a replica or by the balancer; may be read from any thread.</summary>
    internal long Requests
    {
        get => Volatile.Read(ref _requests);
        set => Volatile.Write(ref _requests, value);
    }

    /// <summary>Now, in the form of RFC 9110 §5.6.7.</summary>
    internal ReadOnlySpan<byte> Date => _date.At(Now);

    /// <summary>Whether the X-Forwarded-* fields of a client with this address are trusted.</summary>
    internal bool IsTrusted(PeerAddress client) => _settings.TrustedProxies.Contains(client);

    /// <summary>
    /// Whether a connection from this address has to begin with a header of the PROXY protocol; never on a listener that serves only the balancer's
    /// own paths.
    /// </summary>
    internal bool ExpectsProxyHeader(PeerAddress peer, ListenerRole role) =>
        role != ListenerRole.Control && _settings.ProxyProtocolFrom.Contains(peer);

    /// <summary>Counts a connection for its client; false if the client has as many as it may.</summary>
    internal bool TryCount(PeerAddress client) => _clientCounts.TryEnter(client);

    /// <summary>The loop listens there, as far as is known by now.</summary>
    /// <param name="host">See <see cref="DefaultHost"/>.</param>
    /// <param name="tlsHost">See <see cref="DefaultTlsHost"/>.</param>
    /// <param name="tlsPort">The port of the first listener of https; 0 for none.</param>
    internal void ListenAt(byte[] host, byte[] tlsHost, int tlsPort)
    {
        (DefaultHost, DefaultTlsHost, _tlsPort) = (host, tlsHost, tlsPort);
        DecideRedirect();
    }

    private void DecideRedirect() => RedirectPort = _settings.RedirectPort is { } port ? (port == 0 ? _tlsPort : port) : 0;

    /// <summary>Puts other settings into effect. On the loop's thread, between two events. A deadline that runs already stays.</summary>
    internal void Reconfigure(LoopSettings settings)
    {
        _settings = settings;
        DecideRedirect();
        Failures.CountsStatus = settings.EjectsOnStatus;
        Log.Reconfigure(settings);
        foreach (ServiceState service in Services)
        {
            service.Reconfigure(settings);
        }
    }

    /// <summary>Which service a request is for. With a single one, nothing is looked up.</summary>
    /// <param name="head">The bytes of its head.</param>
    /// <param name="facts">As derived from them.</param>
    internal ServiceState ServiceOf(ReadOnlySpan<byte> head, in RequestFacts facts) => _onlyService ?? Services[_routing.Find(facts.Host.Of(head))];

    /// <summary>Takes up a routing table, if it is another one than before. A service whose replica table is the same notices nothing.</summary>
    internal void Take(RoutingTable routing)
    {
        if (ReferenceEquals(routing, _routing))
        {
            return;
        }

        Debug.Assert(routing.Services.Length >= Services.Length, "a service that was there once stays");
        _routing = routing;
        if (routing.Services.Length > Services.Length)
        {
            Services = [.. Services, .. routing.Services[Services.Length..].ToArray().Select(s => new ServiceState(this, s, _settings, _loops))];
            _onlyService = null;
        }

        foreach (ServiceState service in Services)
        {
            Debug.Assert(routing.Services[service.Service.Number] == service.Service, "a service keeps its number");
            service.Take(routing.TableOf(service.Service.Number), isFresh: Requests == 0);
        }
    }

    /// <summary>The connections to a replica, which come to be now where there were none.</summary>
    /// <param name="replica">Which.</param>
    /// <param name="service">Whose it is.</param>
    /// <exception cref="InvalidOperationException">Its slot is still that of another one.</exception>
    internal UpstreamPool PoolOf(Replica replica, ServiceState service)
    {
        UpstreamPool? pool = _pools[replica.Slot];
        if (pool is null)
        {
            _pools[replica.Slot] = pool = Protocol.NewPool(this, service, replica);
        }

        return pool.Replica == replica
            ? pool : throw new InvalidOperationException($"Slot {replica.Slot} was given to {replica} before {pool.Replica} had been let go of.");
    }

    /// <summary>The pool of a replica; null if there never was a connection to it.</summary>
    internal UpstreamPool? Holds(Replica replica) => _pools[replica.Slot] is { } pool && pool.Replica == replica ? pool : null;

    /// <summary>The replica is let go of.</summary>
    internal void Forget(UpstreamPool pool)
    {
        Debug.Assert(_pools[pool.Replica.Slot] == pool, "a pool is let go of once");
        _pools[pool.Replica.Slot] = null;
    }

    /// <summary>
    /// Has an idle connection to a replica, of whichever service, closed with the turn, for its descriptor, and then those that wait look
    /// again; false where there is none.
    /// </summary>
    /// <param name="waiting">Where those wait that want it.</param>
    internal bool TryCloseIdle(RequestQueue waiting)
    {
        if (Counters.PooledConnections == 0 || !_pools.Any(pool => pool is not null && pool.TryCloseIdle()))
        {
            return false;
        }

        Defer(waiting);
        return true;
    }

    /// <summary>From now on every response is its connection's last.</summary>
    /// <param name="handsOver">Whether another process goes on with the service.</param>
    /// <returns>Completes when the last client has gone.</returns>
    internal Task BeginDrain(bool handsOver)
    {
        Draining = true;
        HandedOver |= handsOver;
        if (Counters.Clients == 0)
        {
            _emptied.TrySetResult();
        }

        return _emptied.Task;
    }

    /// <summary>A client has come: returns a connection object for it.</summary>
    /// <param name="hasRoom">Whether the loop has room for one more connection, of any client.</param>
    internal ClientConnection NewClient(out bool hasRoom)
    {
        hasRoom = Counters.Clients++ < _settings.ConnectionsAtMost;
        return Free.NewClient();
    }

    /// <summary>A client has gone.</summary>
    internal void Recycle(ClientConnection connection)
    {
        if (connection.IsCounted)
        {
            _clientCounts.Leave(connection.Peer);
        }

        Free.Recycle(connection);
        Debug.Assert(Counters.Clients > 0, "each client goes once");
        if (--Counters.Clients == 0 && Draining)
        {
            _emptied.TrySetResult();
        }
    }

    /// <summary>Adds the loop's counts to a sum; from any thread.</summary>
    internal void AddTo(ref LoopCounters sum) => Telemetry.Counters.AddTo(ref _block.Counters, ref sum);

    /// <summary>The loop has ended.</summary>
    internal void Release()
    {
        Pipes.Clear();
        ReadArea.Free();
    }
}
