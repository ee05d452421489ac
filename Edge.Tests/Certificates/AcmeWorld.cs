using Edge.Certificates;
using Edge.Config;
using Edge.Contract;
using Edge.Io;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Tls;

namespace Edge.Tests.Certificates;

/// <summary>A balancer with a listener of http and one of https, an authority that checks there, and managers with one folder.</summary>
internal sealed class AcmeWorld : IAsyncDisposable
{
    private readonly TicketKeys _tickets = new();
    private readonly TestBalancer _balancer;
    private readonly TlsFrontend _frontend;
    private readonly List<AcmeManager> _managers = [];

    internal AcmeWorld(TimeProvider? time = null)
    {
        Time = time ?? TimeProvider.System;
        Logs = new CertificateLog();
        TlsCertificate first = TestCertificates.ToEdge(TestCertificates.Make(["example.org"]), _tickets);
        _frontend = new TlsFrontend(new CertificateTable([first], first), _tickets);
        _balancer = TestBalancer.WithTls(_frontend, o => o with { Listen = "http://127.0.0.1:0,https://127.0.0.1:0" });
        HttpPort = _balancer.Plane.Addresses[0].Endpoint.Port;
        TlsPort = _balancer.Plane.Addresses[1].Endpoint.Port;
        Pebble = new Pebble(HttpPort, TlsPort);
    }

    internal int HttpPort { get; }

    internal int TlsPort { get; }

    internal TimeProvider Time { get; }

    internal Pebble Pebble { get; }

    internal CertificateLog Logs { get; }

    internal TemporaryFolder Folder { get; } = new();

    internal TestBalancer Balancer => _balancer;

    internal TlsFrontend Frontend => _frontend;

    /// <summary>A manager of the world's authority; it is not started.</summary>
    /// <param name="hosts">Its names.</param>
    /// <param name="kinds">The proofs that it gives; all if none are said.</param>
    /// <param name="step">Is told after each step on the disk.</param>
    /// <param name="at">What answers for its process; null for this world's balancer.</param>
    /// <param name="spread">How long it waits for the other processes.</param>
    internal AcmeManager Manage(
        string[] hosts, ChallengeKind[]? kinds = null, Action<string>? step = null, (AcmeTokens Tokens, TlsFrontend Frontend)? at = null,
        TimeSpan spread = default)
    {
        var options = new AcmeOptions { Hosts = hosts, Directory = Pebble.Directory, Roots = Pebble.Roots, Storage = Folder.Path, AgreeToTerms = true };
        AcmeStore store = AcmeStore.Open(options.Storage, options.DirectoryUri(), step);
        var log = new Log(Logs, Time);
        TlsFrontend frontend = at?.Frontend ?? _frontend;
        var own = new ChallengeBoard(at?.Tokens ?? _balancer.Plane.Tokens, proofs => frontend.Challenges = proofs, _tickets, Time);
        var board = new SharedBoard(store, own, Time, log) { Spread = spread };
        var manager = new AcmeManager(options, () => hosts, store, board, _tickets, "edge-tests", Time, log)
        {
            Kinds = kinds ?? [ChallengeKind.TlsAlpn, ChallengeKind.Http],
            Jitter = () => 0,
        };
        _managers.Add(manager);
        return manager;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (AcmeManager manager in _managers)
        {
            await manager.DisposeAsync();
        }

        await Pebble.DisposeAsync();
        await _balancer.DisposeAsync();
        Folder.Dispose();
    }
}
