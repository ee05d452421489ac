using Edge.Config;
using Edge.Telemetry;

namespace Edge.Certificates;

/// <summary>
/// Puts up what an authority comes to look at, in every process that has the same folder: the authority may reach any of them, behind a balancer of
/// connections or while one takes the place of another. Each looks into the folder once a second, whatever is asked of it, so a request for a token reads no
/// file. From any thread.
/// </summary>
internal sealed class SharedBoard : IDisposable
{
    /// <summary>Longer than an order waits for the authority's checks.</summary>
    private static readonly TimeSpan s_life = TimeSpan.FromMinutes(15);

    private readonly Lock _use = new();
    private readonly AcmeStore _store;
    private readonly ChallengeBoard _board;
    private readonly TimeProvider _time;
    private readonly Log _log;
    private readonly HashSet<string> _own = new(StringComparer.Ordinal);
    private readonly Dictionary<SharedChallenge, IDisposable> _others = [];
    private readonly FileWatch _watch;
    private string _fault = "";

    /// <param name="store">The folder.</param>
    /// <param name="board">Where this process puts up what it finds there.</param>
    /// <param name="time">The clock of looks, and of what is stale.</param>
    /// <param name="log">The process log.</param>
    internal SharedBoard(AcmeStore store, ChallengeBoard board, TimeProvider time, Log log)
    {
        (_store, _board, _time, _log) = (store, board, time, log);
        Look();
        _watch = new FileWatch(time, Look, TimeSpan.FromMilliseconds(Limits.AcmeLookMilliseconds));
    }

    /// <summary>How long to wait until the others have seen it: two looks.</summary>
    internal TimeSpan Spread { get; init; } = 2 * TimeSpan.FromMilliseconds(Limits.AcmeLookMilliseconds);

    /// <summary>
    /// Puts up what one challenge asks for, and returns when the other processes have it, too; to dispose of the result takes it down everywhere. The caller
    /// has the lock of the name. If the process ends, it stays for the others until it is stale.
    /// </summary>
    /// <param name="kind">The kind of the challenge.</param>
    /// <param name="host">The name that is to be proved.</param>
    /// <param name="token">The authority's.</param>
    /// <param name="keyAuthorization">The answer (RFC 8555 §8.1).</param>
    /// <param name="cancellation">The process ends.</param>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    internal async Task<PostedChallenge> PutAsync(ChallengeKind kind, string host, string token, string keyAuthorization, CancellationToken cancellation)
    {
        string type = kind == ChallengeKind.Http ? SharedChallenge.Http : SharedChallenge.TlsAlpn;
        var posted = new PostedChallenge(Show(new SharedChallenge(type, host, token, keyAuthorization, _time.GetUtcNow() + s_life)));
        try
        {
            await Task.Delay(Spread, _time, cancellation);
            return posted;
        }
        catch (OperationCanceledException)
        {
            posted.LeaveToOthers();
            throw;
        }
    }

    /// <summary>Looks no more. What is put up stays as long as the process answers.</summary>
    public void Dispose() => _watch.Dispose();

    // Returns what takes it down.
    private Action Show(SharedChallenge challenge)
    {
        string host = challenge.Host!;
        lock (_use)
        {
            // What a process before has left of the same name: its end must not take down what is put up now.
            Forget(other => other.Host == host);
            IDisposable shown = _board.Put(challenge.Kind, host, challenge.Token!, challenge.Answer!);
            try
            {
                _store.WriteChallenge(host, challenge);
            }
            catch
            {
                shown.Dispose();
                throw;
            }

            _own.Add(host);
            return () =>
            {
                lock (_use)
                {
                    shown.Dispose();
                    _own.Remove(host);
                    _store.RemoveChallenge(host);
                }
            };
        }
    }

    private void Look()
    {
        lock (_use)
        {
            try
            {
                HashSet<SharedChallenge> found = [.. _store.ReadChallenges(_time.GetUtcNow())];
                found.RemoveWhere(one => _own.Contains(one.Host!));
                Forget(other => !found.Contains(other));
                foreach (SharedChallenge one in found)
                {
                    if (!_others.ContainsKey(one))
                    {
                        _others.Add(one, _board.Put(one.Kind, one.Host!, one.Token!, one.Answer!));
                    }
                }

                _fault = "";
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
            {
                if (failed.Message != _fault)
                {
                    _log.Warning("acme_challenges_unreadable", ("why", failed.Message), ("then", "only the process that orders answers the authority"));
                    _fault = failed.Message;
                }
            }
        }
    }

    private void Forget(Predicate<SharedChallenge> which)
    {
        foreach (SharedChallenge other in _others.Keys.Where(one => which(one)).ToArray())
        {
            _others.Remove(other, out IDisposable? shown);
            shown!.Dispose();
        }
    }
}
