using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using Edge.Io;

namespace Edge.Certificates;

/// <summary>
/// Gets one certificate (RFC 8555 §7.4): an order, the proofs that it asks for, the request, the certificate. An order that a process before has begun is
/// gone on with, so that nothing is ordered twice.
/// </summary>
/// <param name="client">The authority.</param>
/// <param name="store">Where orders are kept. The caller has the lock of the name.</param>
/// <param name="board">Where proofs are put up.</param>
/// <param name="profile">The kind of certificate, or empty.</param>
/// <param name="time">The clock of pauses.</param>
internal sealed class Issuance(AcmeClient client, AcmeStore store, SharedBoard board, string profile, TimeProvider time)
{
    /// <summary>How long an authority may take for its checks, and as long again for the certificate.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);

    /// <summary>Gets it.</summary>
    /// <param name="host">The name or the address.</param>
    /// <param name="kind">The kind of proof that is preferred; if the authority does not offer it, another one.</param>
    /// <param name="current">The certificate that this one replaces, as bytes; null for the first.</param>
    /// <param name="cancellation">Ends it; the order stays.</param>
    /// <returns>The key and the chain, as one PEM text.</returns>
    /// <exception cref="AcmeException">There is no certificate.</exception>
    internal async Task<byte[]> GetAsync(string host, ChallengeKind kind, byte[]? current, CancellationToken cancellation)
    {
        await client.OpenAccountAsync(cancellation);
        (PendingOrder pending, AcmeObjects.Order order) = await ResumeAsync(host, current, cancellation)
            ?? await OrderAsync(host, current is null ? null : RenewalId.Of(current), cancellation);
        using (pending)
        {
            try
            {
                return await FulfilAsync(host, kind, pending, order, cancellation);
            }
            catch (AcmeException failed) when (!failed.IsOutage && !failed.IsUnfinished)
            {
                // It failed for good: the next attempt is a new order.
                store.RemoveOrder(host);
                throw;
            }
        }
    }

    private async Task<byte[]> FulfilAsync(string host, ChallengeKind kind, PendingOrder pending, AcmeObjects.Order order, CancellationToken cancellation)
    {
        if (order.Status == "pending")
        {
            foreach (Uri authorization in order.Authorizations ?? [])
            {
                await ProveAsync(host, authorization, kind, cancellation);
            }

            order = await AwaitAsync(pending.Address, AcmeJson.Default.Order, one => one.Status != "pending", "order", cancellation);
        }

        if (order.Status == "ready")
        {
            byte[] request = CertificateWriter.Request(host, pending.Key);
            byte[] payload = JsonSerializer.SerializeToUtf8Bytes(new(Base64Url.EncodeToString(request)), AcmeJson.Default.FinalizeRequest);
            await client.PostAsync(Named(order.Finalize, "finalize"), payload, cancellation);
            order = await AwaitAsync(pending.Address, AcmeJson.Default.Order, one => one.Status is "valid" or "invalid", "certificate", cancellation);
        }
        else if (order.Status == "processing")
        {
            order = await AwaitAsync(pending.Address, AcmeJson.Default.Order, one => one.Status is "valid" or "invalid", "certificate", cancellation);
        }

        if (order.Status != "valid")
        {
            throw Refusal($"the order is {order.Status}", order.Error);
        }

        HttpsReply chain = await client.PostAsync(Named(order.Certificate, "certificate"), [], cancellation);
        return [.. pending.Key.ToPem(), .. chain.Body];
    }

    // An order that is still good for something; null if there is none.
    private async Task<(PendingOrder, AcmeObjects.Order)?> ResumeAsync(string host, byte[]? current, CancellationToken cancellation)
    {
        if (store.ReadOrder(host) is not { } pending)
        {
            return null;
        }

        if (current.AsSpan().IndexOf(pending.Key.PublicKeyInfo) >= 0)
        {
            // Its certificate is the present one: a process ended before it could say so.
            pending.Dispose();
            store.RemoveOrder(host);
            return null;
        }

        try
        {
            (AcmeObjects.Order order, _) = await client.PostAsync(pending.Address, [], AcmeJson.Default.Order, cancellation);
            if (order.Status is "pending" or "ready" or "processing" or "valid")
            {
                return (pending, order);
            }
        }
        catch (AcmeException gone) when (!gone.IsOutage)
        {
            // The authority has forgotten it, or it belongs to another account.
        }

        pending.Dispose();
        store.RemoveOrder(host);
        return null;
    }

    private async Task<(PendingOrder, AcmeObjects.Order)> OrderAsync(string host, string? replaces, CancellationToken cancellation)
    {
        AcmeObjects.Directory directory = await client.DirectoryAsync(cancellation);
        if (profile.Length > 0 && directory.Meta?.Profiles?.ContainsKey(profile) != true)
        {
            string known = directory.Meta?.Profiles is { Count: > 0 } profiles ? string.Join(", ", profiles.Keys.Order(StringComparer.Ordinal)) : "none";
            throw new AcmeException($"the authority has no profile {profile} (Edge:Tls:Acme:Profile); it has {known}") { Status = 400 };
        }

        string type = IPAddress.TryParse(host, out _) ? "ip" : "dns";
        var request = new AcmeObjects.OrderRequest(
            [new(type, host)], profile.Length > 0 ? profile : null, directory.RenewalInfo is null ? null : replaces);
        (AcmeObjects.Order order, HttpsReply reply) = await SendAsync(directory.NewOrder!, request, cancellation);
        var pending = new PendingOrder(AcmeClient.LocationOf(reply), SigningKey.Generate());
        store.WriteOrder(host, pending);
        return (pending, order);
    }

    private async Task<(AcmeObjects.Order, HttpsReply)> SendAsync(Uri newOrder, AcmeObjects.OrderRequest request, CancellationToken cancellation)
    {
        try
        {
            return await client.PostAsync(newOrder, Encode(request), AcmeJson.Default.Order, cancellation);
        }
        catch (AcmeException refused) when (request.Replaces is not null && (refused.Kind is "alreadyReplaced" or "malformed" || refused.Status is 404 or 409))
        {
            // What it replaces only earns precedence: without that it is an order as any other.
            return await client.PostAsync(newOrder, Encode(request with { Replaces = null }), AcmeJson.Default.Order, cancellation);
        }

        static byte[] Encode(AcmeObjects.OrderRequest request) => JsonSerializer.SerializeToUtf8Bytes(request, AcmeJson.Default.OrderRequest);
    }

    private async Task ProveAsync(string host, Uri address, ChallengeKind kind, CancellationToken cancellation)
    {
        (AcmeObjects.Authorization authorization, _) = await client.PostAsync(address, [], AcmeJson.Default.Authorization, cancellation);
        if (authorization.Status == "valid")
        {
            return;
        }

        (ChallengeKind chosen, AcmeObjects.Challenge challenge) = Choose(authorization, kind);
        string token = challenge.Token ?? "";
        if (!SharedChallenge.IsToken(token))
        {
            throw new AcmeException("the authority's token is malformed (RFC 8555 §8.3)") { Status = 400 };
        }

        using PostedChallenge posted = await board.PutAsync(chosen, host, token, Jws.KeyAuthorization(client.Key, token), cancellation);
        try
        {
            // An empty object says that the proof is there (RFC 8555 §7.5.1).
            await client.PostAsync(Named(challenge.Url, "challenge"), "{}"u8.ToArray(), cancellation);
            authorization = await AwaitAsync(address, AcmeJson.Default.Authorization, one => one.Status != "pending", "proof", cancellation);
        }
        catch (OperationCanceledException)
        {
            posted.LeaveToOthers();
            throw;
        }

        if (authorization.Status != "valid")
        {
            AcmeObjects.Problem? problem = authorization.Challenges?.FirstOrDefault(one => one.Error is not null)?.Error;
            throw Refusal($"the authority could not see that {host} leads here ({TypeOf(chosen)})", problem);
        }
    }

    private static (ChallengeKind, AcmeObjects.Challenge) Choose(AcmeObjects.Authorization authorization, ChallengeKind preferred)
    {
        ChallengeKind other = preferred == ChallengeKind.Http ? ChallengeKind.TlsAlpn : ChallengeKind.Http;
        foreach (ChallengeKind kind in new[] { preferred, other })
        {
            if (authorization.Challenges?.FirstOrDefault(one => one.Type == TypeOf(kind)) is { } offered)
            {
                return (kind, offered);
            }
        }

        throw new AcmeException($"the authority takes no proof over HTTP or TLS (the authorization is {authorization.Status})") { Status = 400 };
    }

    private static string TypeOf(ChallengeKind kind) => kind == ChallengeKind.Http ? SharedChallenge.Http : SharedChallenge.TlsAlpn;

    // Asks until it is so, as often as the authority likes.
    private async Task<T> AwaitAsync<T>(
        Uri address, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, Func<T, bool> isDone, string what, CancellationToken cancellation)
    {
        DateTimeOffset end = time.GetUtcNow() + s_patience;
        for (TimeSpan pause = s_firstPause; ; pause = Shorter(pause * 1.5, s_longestPause))
        {
            (T state, HttpsReply reply) = await client.PostAsync(address, [], type, cancellation);
            if (isDone(state))
            {
                return state;
            }

            TimeSpan wait = client.RetryAfterOf(reply) is { } asked && asked > pause ? asked : pause;
            if (time.GetUtcNow() + wait > end)
            {
                // The order stays, and the next attempt looks at it again.
                throw new AcmeException($"the authority has had {s_patience.TotalMinutes:0} minutes for the {what} and needs longer")
                {
                    Status = 202,
                    IsUnfinished = true,
                    RetryAfter = wait,
                };
            }

            await Task.Delay(wait, time, cancellation);
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static Uri Named(Uri? address, string what) =>
        address ?? throw new AcmeException($"the authority does not say the address of: {what}") { Status = 400 };

    private static AcmeException Refusal(string what, AcmeObjects.Problem? problem) =>
        new(problem is null ? what : $"{what}: {AcmeClient.Describe(problem)}") { Status = 403, Kind = problem is null ? null : AcmeClient.KindOf(problem) };
}
