using Edge.Config;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Certificates;

/// <summary>
/// Gets certificates for names and keeps them renewed. Each name has an order, failures and pauses of its own, so that a name that cannot get a certificate
/// holds up no other one. Until a name has its first, clients see one that this process has signed itself; a certificate that cannot be renewed is shown
/// until its end, and after it.
/// </summary>
internal sealed class AcmeManager : ICertificateSource, IAsyncDisposable
{
    // Clocks are set, and machines sleep: the times are looked at again after this long at the latest.
    private static readonly TimeSpan s_longestRest = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_heldPause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly AcmeOptions _options;
    private readonly Func<IReadOnlyList<string>> _hosts;
    private readonly AcmeStore _store;
    private readonly AcmeClients _clients;
    private readonly NameLoader _loader;
    private readonly SharedBoard _board;
    private readonly TicketKeys _tickets;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _tasks = [];
    private Dictionary<string, ManagedName> _names = new(StringComparer.Ordinal);
    private TaskCompletionSource _news = NewNews();
    private TaskCompletionSource? _rest;
    private IReadOnlyList<CertificateEntry> _current = [];
    private DateTimeOffset _pausedUntil;
    private int _outages;
    private int _busy;
    private Task _loop = Task.CompletedTask;

    /// <param name="options">The authority, the profile, and whom to believe.</param>
    /// <param name="hosts">The names that are to have certificates; asked again after <see cref="Look"/>.</param>
    /// <param name="store">Where everything is kept.</param>
    /// <param name="board">Where proofs are put up. It belongs to this from now on.</param>
    /// <param name="tickets">The process's keys.</param>
    /// <param name="agent">What requests call their sender.</param>
    /// <param name="time">The clock of everything but the network.</param>
    /// <param name="log">The process log.</param>
    /// <exception cref="IOException">The file of <see cref="AcmeOptions.Roots"/> cannot be read.</exception>
    internal AcmeManager(
        AcmeOptions options, Func<IReadOnlyList<string>> hosts, AcmeStore store, SharedBoard board, TicketKeys tickets, string agent, TimeProvider time,
        Log log)
    {
        (_options, _hosts, _store, _board, _tickets, _time) = (options, hosts, store, board, tickets, time);
        Notes = new CertificateNotes(log, time);
        _clients = new AcmeClients(options, store, agent, time, log);
        _loader = new NameLoader(store, tickets, time, log);
        TrustRoots.Read(options.Roots);
        Follow();
    }

    /// <summary>The kinds of proofs that can be given, the preferred one first; each further attempt takes the next one.</summary>
    internal IReadOnlyList<ChallengeKind> Kinds { get; init; } = [ChallengeKind.TlsAlpn, ChallengeKind.Http];

    /// <summary>From 0 to 1, another one each time: spreads attempts after failures.</summary>
    internal Func<double> Jitter { get; init; } = Random.Shared.NextDouble;

    /// <inheritdoc/>
    public IReadOnlyList<CertificateEntry> Current => Volatile.Read(ref _current);

    /// <inheritdoc/>
    public event Action? Changed;

    /// <summary>What is said of the certificates; it tells what is worth an event.</summary>
    internal CertificateNotes Notes { get; }

    /// <summary>Begins to get what is missing.</summary>
    internal void Start() => _loop = Task.Run(RunAsync);

    /// <summary>The names may have changed, or what they may have.</summary>
    internal void Look()
    {
        lock (_lock)
        {
            _news.TrySetResult();
        }
    }

    /// <summary>Completes when everything was looked at once more, and nothing is under way. For tests.</summary>
    internal Task RestAsync()
    {
        lock (_lock)
        {
            _rest ??= NewNews();
            _news.TrySetResult();
            return _rest.Task;
        }
    }

    /// <summary>Stops; orders that are under way stay where another process finds them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _loop;
        await Task.WhenAll(_tasks);
        _clients.Dispose();
        _board.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            Task news;
            TaskCompletionSource? rest;
            lock (_lock)
            {
                rest = _rest;
                if (_news.Task.IsCompleted)
                {
                    _news = NewNews();
                }

                news = _news.Task;
            }

            Follow();
            using var wake = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
            Task sleep = Task.Delay(BeginDue(), _time, wake.Token);
            SayRest(rest);
            await Task.WhenAny(news, sleep);
            await wake.CancelAsync();
        }
    }

    private void SayRest(TaskCompletionSource? asked)
    {
        lock (_lock)
        {
            if (asked is not null && _busy == 0)
            {
                _rest = null;
                asked.SetResult();
            }
        }
    }

    // The names as they are wanted now.
    private void Follow()
    {
        string[] wanted = [.. _hosts().Select(NameLoader.Canonical).Distinct()];
        lock (_lock)
        {
            if (wanted.Length == _names.Count && wanted.All(_names.ContainsKey))
            {
                return;
            }

            _names = wanted.ToDictionary(host => host, host => _names.GetValueOrDefault(host) ?? _loader.Load(host), StringComparer.Ordinal);
        }

        Publish();
    }

    // Begins what is due. Returns how long nothing else will be.
    private TimeSpan BeginDue()
    {
        DateTimeOffset now = _time.GetUtcNow();
        DateTimeOffset next = now + s_longestRest;
        lock (_lock)
        {
            _tasks.RemoveAll(task => task.IsCompleted);
            foreach (ManagedName name in _names.Values)
            {
                SayExpiry(name, now);
                if (name.IsBusy)
                {
                    continue;
                }

                DateTimeOffset at = name.NextAt > _pausedUntil ? name.NextAt : _pausedUntil;
                if (at > now)
                {
                    next = at < next ? at : next;
                }
                else if (_busy < Limits.AcmeOrders)
                {
                    // Where there is no room, the end of a task makes some, and is news.
                    name.IsBusy = true;
                    _busy++;
                    _tasks.Add(Task.Run(() => WorkAsync(name)));
                }
            }
        }

        return next - now;
    }

    private void SayExpiry(ManagedName name, DateTimeOffset now)
    {
        if (name.Issued is not null && !name.IsExpirySaid && name.Certificate.Facts.Until <= now)
        {
            name.IsExpirySaid = true;
            Notes.Expired(name);
        }
    }

    private async Task WorkAsync(ManagedName name)
    {
        try
        {
            using FileLock? held = _store.TryLock(name.Host);
            if (held is null)
            {
                Change(() => name.HeldUntil = _time.GetUtcNow() + s_heldPause);
                return;
            }

            TakeFromOthers(name);
            if (name.Issued is not null && name.WindowCheckAt <= _time.GetUtcNow())
            {
                await CheckWindowAsync(name);
            }

            if (name.OrderAt <= _time.GetUtcNow())
            {
                await OrderAsync(name);
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The process ends.
        }
        catch (AcmeException failed) when (failed.IsOutage)
        {
            NoteOutage(name, failed);
        }
        catch (AcmeException failed)
        {
            Change(() => _outages = 0);
            NoteFailure(name, failed.Message, failed.RetryAfter);
        }
        catch (Exception failed)
        {
            // The disk is full, or there is a fault in here: this name waits, the others go on.
            NoteFailure(name, failed is IOException or UnauthorizedAccessException ? failed.Message : failed.ToString(), retryAfter: null);
        }
        finally
        {
            Finish(name);
        }
    }

    // What another process that has the same folder has got, or has failed at, in the meantime.
    private void TakeFromOthers(ManagedName name)
    {
        FailureRecord? failures = _store.ReadFailures(name.Host);
        Change(() => name.Failures = failures);
        if (_store.ReadCertificate(name.Host) is not { } pem || (name.Issued is { } own && PemText.FirstCertificate(pem).AsSpan().SequenceEqual(own)))
        {
            return;
        }

        try
        {
            (TlsCertificate certificate, byte[] der) = ManagedName.Read(name.Host, pem, _tickets);
            if (name.Issued is null || certificate.Facts.Until > name.Certificate.Facts.Until)
            {
                Change(() => name.Take(certificate, der));
                Notes.Taken(name);
            }
        }
        catch (AcmeException)
        {
            // It was said when it was loaded; an order writes over it.
        }
    }

    private async Task CheckWindowAsync(ManagedName name)
    {
        TimeSpan? retryAfter = null;
        try
        {
            AcmeClient client = await _clients.GetAsync(_end.Token);
            RenewalAdvice advice = await RenewalAdvice.AskAsync(client, name.Issued!, _end.Token);
            retryAfter = advice.AskAgainAfter;
            Change(() => name.Window = advice.Window);
            if (advice.Explanation is { } explanation && name.OrderAt <= _time.GetUtcNow())
            {
                Notes.RenewalAsked(name, explanation);
            }
        }
        catch (AcmeException failed)
        {
            // Without an answer the last third of its life decides (RFC 9773 §4.3.2).
            Notes.WindowUnknown(name, failed);
            retryAfter = failed.RetryAfter;
        }
        finally
        {
            Change(() => name.WindowCheckAt = Renewals.NextWindowCheck(_time.GetUtcNow(), retryAfter));
        }
    }

    private async Task OrderAsync(ManagedName name)
    {
        AcmeClient client = await _clients.GetAsync(_end.Token);
        ChallengeKind kind = Kinds[(name.Failures?.Count ?? 0) % Kinds.Count];
        Notes.Ordered(name, _options.DirectoryUri().Authority, kind);
        byte[] pem = await new Issuance(client, _store, _board, _options.Profile, _time).GetAsync(name.Host, kind, name.Issued, _end.Token);
        (TlsCertificate certificate, byte[] der) = ManagedName.Read(name.Host, pem, _tickets);
        _store.WriteCertificate(name.Host, pem);
        _store.RemoveOrder(name.Host);
        _store.RemoveFailures(name.Host);
        Change(() =>
        {
            (name.Failures, _outages) = (null, 0);
            name.Take(certificate, der);
        });
        Publish();
        Notes.Issued(name);
    }

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
        }
    }

    private void NoteFailure(ManagedName name, string why, TimeSpan? retryAfter)
    {
        FailureRecord failures = Renewals.AfterFailure(name.Failures, _time.GetUtcNow(), retryAfter, why, Jitter());
        Change(() => name.Failures = failures);
        try
        {
            _store.WriteFailures(name.Host, failures);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Notes.StorageFailed(name, failed);
        }

        Publish();
        Notes.Failed(name, failures);
    }

    // Nobody is asked for a while. Tasks that were under way meet the same outage, which counts once.
    private void NoteOutage(ManagedName name, AcmeException failed)
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            if (_pausedUntil > now)
            {
                return;
            }

            _outages++;
            _pausedUntil = now + Renewals.PauseAfterOutage(_outages, failed.RetryAfter);
            foreach (ManagedName waiting in _names.Values.Where(one => one.OrderAt <= now))
            {
                waiting.Outage = failed.Message;
            }
        }

        Publish();
        Notes.Outage(name, failed, _outages, _pausedUntil);
    }

    private void Finish(ManagedName name)
    {
        lock (_lock)
        {
            name.IsBusy = false;
            if (--_busy == 0)
            {
                _clients.Release();
            }
        }

        Publish();
        Look();
    }

    private void Publish()
    {
        lock (_lock)
        {
            Volatile.Write(ref _current, [.. _names.Values.Select(name => name.Entry)]);
        }

        Changed?.Invoke();
    }

    private static TaskCompletionSource NewNews() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
