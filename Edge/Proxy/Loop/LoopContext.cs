using Edge.Config;
using Edge.Contract;
using Edge.Http;
using Edge.Io;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>
/// What all objects of one loop need: clock, timers, buffers, the area that all is read to, counters and settings. It knows none of these objects, and
/// those that have it can neither turn nor stop the loop. Touched by the loop's thread alone, but for the counters, which others may read.
/// </summary>
internal sealed class LoopContext
{
    internal const int ReceiveBytes = Limits.ReceiveBytes;

    private const int HeadRoom = Limits.HeadBytes + Limits.HeadGrowthBytes;

    private readonly LoopBlock _block = new();
    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(HeadRoom, pinned: true);
    private readonly HttpDate _date = new();
    private ResourcePressure _pressure;
    private long _requests;
    private int _tlsPort;

    /// <param name="events">The loop's clock, timers, buffers and descriptors.</param>
    /// <param name="number">The number of the loop, from 0 on.</param>
    /// <param name="settings">The settings at the start.</param>
    internal LoopContext(EventLoop events, int number, LoopSettings settings)
    {
        Events = events;
        Timers = events.Timers;
        Buffers = events.Buffers;
        DeferredRegistration = events.DeferredRegistration;
        Number = number;
        Settings = settings;
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

    /// <summary>Those that hold now; a message to the loop puts others in their place.</summary>
    internal LoopSettings Settings
    {
        get;
        set
        {
            field = value;
            DecideRedirect();
        }
    }

    internal Timeouts Timeouts => Settings.Timeouts;

    internal ClientLimits ClientLimits => Settings.ClientLimits;

    /// <summary>Those of this turn.</summary>
    internal RouteMap Routes { get; set; } = RouteMap.Empty;

    /// <summary>The TLS that clients see; null if no listener is one of https.</summary>
    internal TlsFrontend? Tls { get; set; }

    /// <summary>
    /// Which replicas are believed that are spoken to over TLS; null if none can be. The control plane makes the value before such a replica gets a request.
    /// </summary>
    internal Lazy<TlsClientContext>? ReplicaTls { get; set; }

    /// <summary>What a certificate authority may ask for.</summary>
    internal AcmeTokens Tokens { get; set; } = new();

    internal Head RequestHead { get; } = new();

    internal Head ResponseHead { get; } = new();

    internal PipePool Pipes { get; } = new();

    /// <summary>
    /// The area that everything is read to: it has room for a head that began earlier and for one read, and before it room for a new head in front of
    /// a body. All connections of the loop share it, so an idle one holds no buffer.
    /// </summary>
    internal ReadArea ReadArea { get; } = new(HeadRoom, Limits.HeadBytes + ReceiveBytes);

    /// <summary>Where heads are written.</summary>
    internal Span<byte> Scratch => _scratch;

    /// <summary>The host for a request without one: where the loop listens for clients without TLS.</summary>
    internal byte[] DefaultHost { get; private set; } = [];

    /// <summary>The same with TLS.</summary>
    internal byte[] DefaultTlsHost { get; private set; } = [];

    /// <summary>The port to which requests without TLS are redirected; 0 where they are not.</summary>
    internal int RedirectPort { get; private set; }

    /// <summary>The process is about to end: every response is its connection's last.</summary>
    internal bool Draining { get; private set; }

    /// <summary>Another process has the addresses now, and goes on with the service.</summary>
    internal bool HandedOver { get; private set; }

    /// <summary>Whether there is little room left for other clients.</summary>
    internal bool IsCrowded => _pressure.Looks(Now, Counters.Clients, Settings.ConnectionsAtMost, Events.Descriptor);

    /// <summary>Requests that were answered, by a replica or by the balancer; may be read from any thread.</summary>
    internal long Requests
    {
        get => Volatile.Read(ref _requests);
        set => Volatile.Write(ref _requests, value);
    }

    /// <summary>Now, in the form of RFC 9110 §5.6.7.</summary>
    internal ReadOnlySpan<byte> Date => _date.At(Now);

    /// <summary>Whether the X-Forwarded-* fields of a client with this address are trusted.</summary>
    internal bool IsTrusted(PeerAddress client) => Settings.TrustedProxies.Contains(client);

    /// <summary>
    /// Whether a connection from this address has to begin with a header of the PROXY protocol; never on a listener that serves only the balancer's
    /// own paths.
    /// </summary>
    internal bool ExpectsProxyHeader(PeerAddress peer, ListenerRole role) =>
        role != ListenerRole.Control && Settings.ProxyProtocolFrom.Contains(peer);

    /// <summary>The loop listens there, as far as is known by now.</summary>
    /// <param name="host">See <see cref="DefaultHost"/>.</param>
    /// <param name="tlsHost">See <see cref="DefaultTlsHost"/>.</param>
    /// <param name="tlsPort">The port of the first listener of https; 0 for none.</param>
    internal void ListenAt(byte[] host, byte[] tlsHost, int tlsPort)
    {
        (DefaultHost, DefaultTlsHost, _tlsPort) = (host, tlsHost, tlsPort);
        DecideRedirect();
    }

    private void DecideRedirect() => RedirectPort = Settings.RedirectPort is { } port ? (port == 0 ? _tlsPort : port) : 0;

    /// <summary>From now on every response is its connection's last.</summary>
    /// <param name="handsOver">Whether another process goes on with the service.</param>
    internal void BeginDrain(bool handsOver)
    {
        Draining = true;
        HandedOver |= handsOver;
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
