using Edge.Config;
using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>Decides whose requests go on to one service: by the client's address, its rate, and the user that it names. Touched by one loop's thread.</summary>
internal sealed class AccessGate
{
    private const long AttemptInterval = Limits.AttemptPauseSeconds * 1_000_000_000L;
    private const long AttemptTolerance = AttemptInterval * (Limits.AttemptsInARow - 1);

    private static readonly byte[] s_noSalt = new byte[AccessUser.SaltBytes];
    private static readonly byte[] s_noHash = new byte[AccessUser.HashBytes];

    private readonly LoopContext _loop;
    private readonly AccessSettings _settings;
    private readonly ClientRates _rates;
    private readonly VerifiedCredentials _verified = new();
    private readonly int _service;

    private AccessGate(LoopContext loop, AccessSettings settings, ClientRates rates, int service)
    {
        (_loop, _settings, _rates, _service) = (loop, settings, rates, service);
        rates.Prepare();
    }

    /// <summary>The gate of a service; null where it lets everybody through.</summary>
    /// <param name="loop">Whose requests they are.</param>
    /// <param name="settings">What the service asks.</param>
    /// <param name="rates">Those of all clients.</param>
    /// <param name="service">The number of the service.</param>
    internal static AccessGate? Of(LoopContext loop, AccessSettings? settings, ClientRates rates, int service) =>
        settings is null ? null : new AccessGate(loop, settings, rates, service);

    /// <summary>Whether Authorization is the balancer's, and does not go on to a replica.</summary>
    internal bool TakesAuthorization => _settings.Users.Length > 0;

    /// <summary>The fields of an answer that asks for a user.</summary>
    internal KeyValuePair<string, string>[] Challenge => _settings.Challenge;

    /// <summary>Decides on a request.</summary>
    /// <param name="peer">The other end, or whom its PROXY header names.</param>
    /// <param name="isTrusted">Whether it is a trusted proxy.</param>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">As it came.</param>
    internal AccessVerdict Judge(PeerAddress peer, bool isTrusted, ReadOnlySpan<byte> data, Head head)
    {
        PeerAddress client = ClientAddress.Of(peer, isTrusted, data, head, _loop.Settings.TrustedProxies);
        if (_settings.Allowed is { } allowed && !allowed.Contains(client))
        {
            return AccessVerdict.NotAllowed;
        }

        if (_settings.Interval > 0 && !_rates.TryTake(_rates.KeyOf(client, 2 * _service), _loop.Instant, _settings.Interval, _settings.Tolerance))
        {
            return AccessVerdict.TooManyRequests;
        }

        return TakesAuthorization ? JudgeUser(client, data, head) : AccessVerdict.Admitted;
    }

    private AccessVerdict JudgeUser(PeerAddress client, ReadOnlySpan<byte> data, Head head)
    {
        if (!head.TryGet(KnownField.Authorization, out HeaderField field) || head.IsRepeated(KnownField.Authorization))
        {
            // Nothing was guessed. If there are two fields, neither is read.
            return AccessVerdict.Unauthorized;
        }

        ReadOnlySpan<byte> value = field.Value(data);
        if (_verified.Has(value))
        {
            return AccessVerdict.Admitted;
        }

        Span<byte> both = stackalloc byte[BasicCredentials.BytesAtMost];
        if (!BasicCredentials.TryRead(value, both, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> password)
            || password.Length > PasswordHash.PasswordBytes)
        {
            return AccessVerdict.Unauthorized;
        }

        ulong key = _rates.KeyOf(client, 2 * _service + 1);
        if (!_rates.MayTake(key, _loop.Instant, AttemptTolerance))
        {
            // Also for the right password: a client that guesses must not learn that it is right.
            return AccessVerdict.TooManyAttempts;
        }

        if (!IsUser(name, password))
        {
            _rates.TryTake(key, _loop.Instant, AttemptInterval, AttemptTolerance);
            return AccessVerdict.Unauthorized;
        }

        _verified.Add(value);
        return AccessVerdict.Admitted;
    }

    // One hash at least, so that the time does not tell whether there is such a user. A name may stand there twice, while its password changes.
    private bool IsUser(ReadOnlySpan<byte> name, ReadOnlySpan<byte> password)
    {
        bool isKnown = false, isRight = false;
        foreach (AccessUser user in _settings.Users)
        {
            if (name.SequenceEqual(user.Name))
            {
                isKnown = true;
                isRight |= PasswordHash.IsOf(password, user.Salt, user.Hash);
            }
        }

        // The hash of no password, compared in the place of that of a user who is not there.
        return isKnown ? isRight : PasswordHash.IsOf(password, s_noSalt, s_noHash) && isRight;
    }
}
