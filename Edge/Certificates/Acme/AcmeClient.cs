using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Edge.Config;
using Edge.Io;

namespace Edge.Certificates;

/// <summary>
/// Speaks ACME (RFC 8555) with one authority, for one account: finds what its directory names, signs messages, and asks again where the authority did not
/// take a nonce. From any thread.
/// </summary>
internal sealed class AcmeClient : IDisposable
{
    private const string ProblemPrefix = "urn:ietf:params:acme:error:";

    private readonly HttpsClient _http;
    private readonly Uri _address;
    private readonly TimeProvider _time;
    private readonly string[] _contact;
    private readonly SemaphoreSlim _opening = new(1);
    private readonly ConcurrentBag<string> _nonces = [];
    private AcmeObjects.Directory? _directory;
    private Uri? _account;

    /// <param name="http">Belongs to this from now on.</param>
    /// <param name="address">Of the directory.</param>
    /// <param name="key">The account's; it stays the caller's.</param>
    /// <param name="email">Whom the authority may write to, or empty.</param>
    /// <param name="time">The clock of what the authority says to wait.</param>
    internal AcmeClient(HttpsClient http, Uri address, SigningKey key, string email, TimeProvider time)
    {
        (_http, _address, Key, _time) = (http, address, key, time);
        _contact = email.Length == 0 ? [] : [$"mailto:{email}"];
    }

    /// <summary>The account's key.</summary>
    internal SigningKey Key { get; }

    /// <summary>An account was made, or found. With the authority's terms of service, and whether it is new.</summary>
    internal event Action<Uri?, bool>? AccountOpened;

    /// <exception cref="AcmeException">The authority cannot be reached, or its directory is none.</exception>
    internal async Task<AcmeObjects.Directory> DirectoryAsync(CancellationToken cancellation)
    {
        if (_directory is { } known)
        {
            return known;
        }

        HttpsReply reply = await GetAsync(_address, cancellation);
        AcmeObjects.Directory directory = Read(reply, AcmeJson.Default.Directory);
        if (directory.NewNonce is null || directory.NewAccount is null || directory.NewOrder is null)
        {
            throw new AcmeException($"{_address} is not the directory of an ACME authority");
        }

        return _directory = directory;
    }

    /// <summary>Reads what needs no signature.</summary>
    /// <exception cref="AcmeException">There is no answer, or it is a problem.</exception>
    internal async Task<HttpsReply> GetAsync(Uri uri, CancellationToken cancellation)
    {
        HttpsReply reply = await SendAsync(HttpMethod.Get, uri, null, cancellation);
        return reply.Status == 200 ? reply : throw Problem(reply);
    }

    /// <summary>Makes the account, or finds it: the authority knows it by its key (RFC 8555 §7.3).</summary>
    /// <exception cref="AcmeException">The authority refuses.</exception>
    internal async Task OpenAccountAsync(CancellationToken cancellation)
    {
        await _opening.WaitAsync(cancellation);
        try
        {
            if (_account is not null)
            {
                return;
            }

            AcmeObjects.Directory directory = await DirectoryAsync(cancellation);
            if (directory.Meta?.ExternalAccountRequired == true)
            {
                throw new AcmeException("the authority takes only accounts that were made elsewhere (external account binding)") { Status = 403 };
            }

            byte[] request = JsonSerializer.SerializeToUtf8Bytes(new(true, _contact), AcmeJson.Default.AccountRequest);
            HttpsReply reply = await PostAsync(directory.NewAccount!, request, cancellation);
            Uri account = LocationOf(reply);
            if (reply.Status == 200 && !(Read(reply, AcmeJson.Default.Account).Contact ?? []).SequenceEqual(_contact))
            {
                _account = account;
                await PostAsync(account, JsonSerializer.SerializeToUtf8Bytes(new(_contact), AcmeJson.Default.ContactChange), cancellation);
            }

            _account = account;
            AccountOpened?.Invoke(directory.Meta?.TermsOfService, reply.Status == 201);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Sends a signed message.</summary>
    /// <param name="uri">Where to.</param>
    /// <param name="payload">JSON; empty reads what is there (POST-as-GET, RFC 8555 §6.3).</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="AcmeException">There is no answer, or it is a problem.</exception>
    internal async Task<HttpsReply> PostAsync(Uri uri, byte[] payload, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            string nonce = await NonceAsync(cancellation);
            byte[] message = Jws.Sign(Key, _account, nonce, uri, payload);
            HttpsReply reply = await SendAsync(HttpMethod.Post, uri, message, cancellation);
            if (reply.Status < 300)
            {
                return reply;
            }

            // RFC 8555 §6.5: the answer has another nonce, and the same message may be sent with it.
            AcmeException problem = Problem(reply);
            if (problem.Kind != "badNonce" || attempt == Limits.AcmeNonces)
            {
                throw problem;
            }
        }
    }

    /// <summary>Sends a signed message, and reads the object that it answers with.</summary>
    /// <inheritdoc cref="PostAsync(Uri, byte[], CancellationToken)"/>
    internal async Task<(T Object, HttpsReply Reply)> PostAsync<T>(Uri uri, byte[] payload, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        HttpsReply reply = await PostAsync(uri, payload, cancellation);
        return (Read(reply, type), reply);
    }

    /// <summary>How long an answer asks to wait (RFC 9110 §10.2.3): seconds, or until a date. Null if it does not say; never more than a week.</summary>
    internal TimeSpan? RetryAfterOf(HttpsReply reply)
    {
        string? text = reply.Field("Retry-After");
        TimeSpan? wait = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
            ? TimeSpan.FromSeconds(seconds)
            : DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date)
                ? date - _time.GetUtcNow()
                : null;
        return wait is null ? null : TimeSpan.FromSeconds(Math.Clamp(wait.Value.TotalSeconds, 0, TimeSpan.FromDays(7).TotalSeconds));
    }

    /// <exception cref="AcmeException">The answer does not say where the new object is.</exception>
    internal static Uri LocationOf(HttpsReply reply) =>
        Uri.TryCreate(reply.Field("Location"), UriKind.Absolute, out Uri? uri) ? uri : throw new AcmeException("the authority's answer has no Location");

    /// <exception cref="AcmeException">The answer is not such an object.</exception>
    internal static T Read<T>(HttpsReply reply, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(reply.Body, type) ?? throw new AcmeException("the authority's answer is empty");
        }
        catch (JsonException malformed)
        {
            throw new AcmeException($"the authority's answer is malformed: {malformed.Message}", malformed);
        }
    }

    /// <summary>A problem in words: what it says, and what it says of the parts (RFC 8555 §6.7.1).</summary>
    internal static string Describe(AcmeObjects.Problem problem)
    {
        string own = problem.Detail ?? KindOf(problem) ?? "no reason given";
        return problem.Subproblems is { Length: > 0 } parts ? $"{own} ({string.Join("; ", parts.Select(Describe))})" : own;
    }

    /// <summary>The kind of a problem without what all kinds begin with.</summary>
    internal static string? KindOf(AcmeObjects.Problem problem) =>
        problem.Type?.StartsWith(ProblemPrefix, StringComparison.Ordinal) == true ? problem.Type[ProblemPrefix.Length..] : problem.Type;

    public void Dispose()
    {
        _http.Dispose();
        _opening.Dispose();
    }

    private async Task<string> NonceAsync(CancellationToken cancellation)
    {
        if (_nonces.TryTake(out string? kept))
        {
            return kept;
        }

        AcmeObjects.Directory directory = await DirectoryAsync(cancellation);
        HttpsReply reply = await SendAsync(HttpMethod.Head, directory.NewNonce!, null, cancellation);
        return _nonces.TryTake(out string? made) ? made
            : reply.Status < 300 ? throw new AcmeException("the authority gives no nonce")
            : throw Problem(reply);
    }

    // Each answer may have a nonce for the next message (RFC 8555 §6.5).
    private async Task<HttpsReply> SendAsync(HttpMethod method, Uri uri, byte[]? body, CancellationToken cancellation)
    {
        try
        {
            HttpsReply reply = await _http.SendAsync(method, uri, body, "application/jose+json", cancellation);
            if (reply.Field("Replay-Nonce") is { Length: > 0 } nonce && _nonces.Count < Limits.AcmeNonces)
            {
                _nonces.Add(nonce);
            }

            return reply;
        }
        catch (Exception failed) when (failed is IOException or TlsException)
        {
            throw new AcmeException($"{_address.Authority}: {failed.Message}", failed);
        }
    }

    private AcmeException Problem(HttpsReply reply)
    {
        string what = $"{_address.Authority} answered {reply.Status}";
        AcmeObjects.Problem? problem = null;
        if (reply.Field("Content-Type")?.StartsWith("application/problem+json", StringComparison.OrdinalIgnoreCase) == true)
        {
            try
            {
                problem = JsonSerializer.Deserialize(reply.Body, AcmeJson.Default.Problem);
            }
            catch (JsonException malformed)
            {
                what += $", and its problem document is malformed: {malformed.Message}";
            }
        }

        return new AcmeException(problem is null ? what : $"{what}: {Describe(problem)}")
        {
            Kind = problem is null ? null : KindOf(problem),
            Status = reply.Status,
            RetryAfter = RetryAfterOf(reply),
        };
    }
}
