using Edge.Certificates;
using Edge.Control;
using Edge.Config;
using Edge.Io;
using Edge.Proxy;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>
/// The certificates of Edge:Tls:Acme, in three steps: made with the process, opened when it has become the user to whom the folder belongs, started when
/// the authority's checks come to its listeners.
/// </summary>
internal sealed class AcmeCertificates(LiveOptions live, CertificateNames names, DataPlane plane, TicketKeys tickets, Log log, TimeProvider time)
    : ICertificateSource, IAsyncDisposable
{
    private AcmeManager? _manager;

    /// <inheritdoc/>
    public event Action? Changed;

    /// <summary>Something that is worth an event: its kind, and what happened in words.</summary>
    internal event Action<string, string>? Happened;

    /// <inheritdoc/>
    public IReadOnlyList<CertificateEntry> Current => _manager?.Current ?? [];

    /// <summary>Opens the folder: from here on, each name has a certificate that can be shown.</summary>
    /// <param name="frontend">Shows the proofs.</param>
    /// <exception cref="CertificateException">The folder cannot be used.</exception>
    internal void Open(TlsFrontend frontend)
    {
        try
        {
            _manager = AcmeSetup.Open(
                live.Options.Tls.Acme, () => names.Of(live.Options), KindsOf(plane.Addresses), plane.Tokens,
                proofs => frontend.Challenges = proofs, tickets, $"edge/{Build.Current.Version}", time, log);
        }
        catch (IOException refused)
        {
            throw new CertificateException($"Edge:Tls:Acme: {refused.Message}");
        }

        _manager.Changed += () => Changed?.Invoke();
        _manager.Notes.Happened += (kind, what) => Happened?.Invoke(kind, what);
        Changed?.Invoke();
    }

    /// <summary>Begins to get what is missing.</summary>
    internal void Start() => _manager?.Start();

    /// <summary>The options may name others.</summary>
    internal void Look() => _manager?.Look();

    public ValueTask DisposeAsync() => _manager?.DisposeAsync() ?? ValueTask.CompletedTask;

    // A proof can only be seen where there is a listener for it.
    private static ChallengeKind[] KindsOf(IReadOnlyList<ListenAddress> addresses) =>
    [
        .. addresses.Any(address => address.IsTls) ? [ChallengeKind.TlsAlpn] : Array.Empty<ChallengeKind>(),
        .. addresses.Any(address => !address.IsTls) ? [ChallengeKind.Http] : Array.Empty<ChallengeKind>(),
    ];
}
