using Edge.Certificates;
using Edge.Config;
using Edge.Contract;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Tests.Certificates;

/// <summary>Managers with one folder, an authority of the tests' own, and a clock that leaps.</summary>
internal sealed class FakeWorld : IAsyncDisposable
{
    private readonly TicketKeys _tickets = new();
    private readonly List<AcmeManager> _managers = [];

    internal FakeWorld() => Authority = new FakeAuthority(Time);

    internal LeapingTime Time { get; } = new();

    internal FakeAuthority Authority { get; }

    internal CertificateLog Logs { get; } = new();

    internal TemporaryFolder Folder { get; } = new();

    internal AcmeOptions Options { get; set; } = new() { AgreeToTerms = true };

    internal AcmeStore Open(Action<string>? step = null) => AcmeStore.Open(Folder.Path, new Uri(Authority.Directory), step);

    /// <summary>A manager; it is started.</summary>
    internal AcmeManager Manage(string[] hosts, Action<string>? step = null, Func<IReadOnlyList<string>>? wanted = null)
    {
        AcmeOptions options = Options with { Directory = Authority.Directory, Roots = Authority.Roots };
        var log = new Log(Logs, Time);
        AcmeStore store = Open(step);
        var board = new SharedBoard(store, new ChallengeBoard(new AcmeTokens(), _ => { }, _tickets, Time), Time, log) { Spread = TimeSpan.Zero };
        var manager = new AcmeManager(options, wanted ?? (() => hosts), store, board, _tickets, "edge-tests", Time, log) { Jitter = () => 0 };
        _managers.Add(manager);
        manager.Start();
        return manager;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (AcmeManager manager in _managers)
        {
            await manager.DisposeAsync();
        }

        await Authority.DisposeAsync();
        Folder.Dispose();
    }
}
