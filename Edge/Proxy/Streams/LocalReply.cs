using Edge.Config;
using Edge.Http;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>The responses that a loop makes itself, without the control plane.</summary>
internal static class LocalReply
{
    /// <summary>Enough for every text and the longest name of a replica.</summary>
    internal const int ErrorBytesAtMost = 512;

    internal static readonly KeyValuePair<string, string>[] Json = [new("Content-Type", "application/json")];
    internal static readonly KeyValuePair<string, string>[] JsonRetryAfter = [.. Json, new("Retry-After", "1")];
    internal static readonly KeyValuePair<string, string>[] JsonRetryAttempt = [.. Json, new("Retry-After", $"{Limits.AttemptPauseSeconds}")];
    internal static readonly KeyValuePair<string, string>[] Html = [new("Content-Type", "text/html; charset=utf-8"), new("Cache-Control", "no-store")];
    internal static readonly KeyValuePair<string, string>[] HtmlRetryAfter = [.. Html, new("Retry-After", "1")];
    internal static readonly KeyValuePair<string, string>[] JsonRetryStopped = [.. Json, new("Retry-After", $"{Limits.StoppedRetrySeconds}")];
    internal static readonly KeyValuePair<string, string>[] HtmlRetryStopped = [.. Html, new("Retry-After", $"{Limits.StoppedRetrySeconds}")];
    internal static readonly KeyValuePair<string, string>[] JsonRetryAsleep = [.. Json, new("Retry-After", $"{Limits.AsleepRetrySeconds}")];
    internal static readonly KeyValuePair<string, string>[] JsonAllowRead = [.. Json, new("Allow", "GET, HEAD")];
    internal static readonly KeyValuePair<string, string>[] AllowRead = [new("Allow", "GET, HEAD")];
    internal static readonly KeyValuePair<string, string>[] Octets = [new("Content-Type", "application/octet-stream")];
    internal static readonly KeyValuePair<string, string>[] AllowForwarded = [new("Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE, PATCH")];
    internal static readonly KeyValuePair<string, string>[] JsonAllowForwarded = [.. Json, .. AllowForwarded];

    /// <summary>Refuses a request whose meaning or end is in doubt, and closes: no byte behind it is read as a request.</summary>
    internal static void Refuse(ClientStream client, MessageError refusal)
    {
        client.Context.Accounting.Reason = Reason.Refused;
        Respond(
            client, MessageErrors.Status(refusal), default, MessageErrors.Text(refusal),
            refusal == MessageError.ConnectRefused ? JsonAllowForwarded : Json);
    }

    /// <summary>Answers a request that could not be forwarded.</summary>
    /// <param name="client">Whose request.</param>
    /// <param name="status">Of the answer.</param>
    /// <param name="replica">The replica that failed; null where none did.</param>
    /// <param name="text">What happened.</param>
    /// <param name="keepAlive">Whether the next request may come.</param>
    /// <param name="requestRead">Whether the client has sent all of its request.</param>
    internal static void Fail(ClientStream client, int status, Replica? replica, ReadOnlySpan<byte> text, bool keepAlive, bool requestRead)
    {
        ReadOnlySpan<byte> name = replica is null ? default : replica.HeaderLine.AsSpan("X-Edge-Replica: ".Length..^2);
        Respond(client, status, name, text, status == 503 ? JsonRetryAfter : Json, keepAlive, requestRead);
    }

    /// <summary>The same with the page of its service, for a client that wants one.</summary>
    /// <param name="client">Whose request.</param>
    /// <param name="status">Of the answer.</param>
    /// <param name="page">In HTML.</param>
    /// <param name="keepAlive">Whether the next request may come.</param>
    /// <param name="requestRead">Whether the client has sent all of its request.</param>
    internal static void Show(ClientStream client, int status, ReadOnlySpan<byte> page, bool keepAlive, bool requestRead) =>
        client.Reply(status, page, status == 503 ? HtmlRetryAfter : Html, keepAlive, requestRead);

    /// <summary>Answers a request in the place of a replica, before its body has begun: a body that is still to come is not waited for.</summary>
    /// <param name="client">Whose request.</param>
    /// <param name="body">How the body is framed.</param>
    /// <param name="reason">Why no replica is asked.</param>
    /// <param name="status">Of the answer.</param>
    /// <param name="text">What happened.</param>
    /// <param name="fields">Of the answer.</param>
    internal static void Deny(
        ClientStream client, BodyFraming body, Reason reason, int status, ReadOnlySpan<byte> text, KeyValuePair<string, string>[] fields)
    {
        if (!client.BeginBody(body, decode: true, long.MaxValue, dropTrailers: false, out _))
        {
            Refuse(client, MessageError.MalformedChunk);
            return;
        }

        bool isRead = client.IsBodyRead;
        client.Context.Accounting.Reason = reason;
        Respond(client, status, default, text, fields, keepAlive: isRead, requestRead: isRead);
    }

    /// <summary>Sends a client somewhere else, before its body has begun: 308, so that method and body stay (RFC 9110 §15.4.9).</summary>
    /// <param name="client">Whose request.</param>
    /// <param name="body">How the body is framed.</param>
    /// <param name="location">Visible characters of ASCII.</param>
    internal static void Redirect(ClientStream client, BodyFraming body, string location)
    {
        if (!client.BeginBody(body, decode: true, long.MaxValue, dropTrailers: false, out _))
        {
            Refuse(client, MessageError.MalformedChunk);
            return;
        }

        // A client that is told where to go sends its body there, and need not send the rest of it here.
        bool isRead = client.IsBodyRead;
        client.Reply(308, default, [new("Location", location)], keepAlive: isRead, requestRead: isRead);
    }

    /// <summary>Answers a request for a service that is stopped, before its body has begun.</summary>
    /// <param name="client">Whose request.</param>
    /// <param name="body">How the body is framed.</param>
    /// <param name="page">In HTML; null for the text.</param>
    internal static void Stop(ClientStream client, BodyFraming body, byte[]? page)
    {
        if (!client.BeginBody(body, decode: true, long.MaxValue, dropTrailers: false, out _))
        {
            Refuse(client, MessageError.MalformedChunk);
            return;
        }

        bool isRead = client.IsBodyRead;
        client.Context.Accounting.Reason = Reason.ServiceStopped;
        SayStopped(client, page, keepAlive: isRead, requestRead: isRead);
    }

    /// <summary>Answers a request for a service that is asleep with a page that asks again by itself, before its body has begun.</summary>
    /// <param name="client">Whose request.</param>
    /// <param name="body">How the body is framed.</param>
    internal static void ShowWaiting(ClientStream client, BodyFraming body)
    {
        if (!client.BeginBody(body, decode: true, long.MaxValue, dropTrailers: false, out _))
        {
            Refuse(client, MessageError.MalformedChunk);
            return;
        }

        bool isRead = client.IsBodyRead;
        client.Context.Accounting.Reason = Reason.ServiceAsleep;
        client.Reply(503, WaitingPage.Html, HtmlRetryAfter, keepAlive: isRead, requestRead: isRead);
    }

    /// <summary>Answers a request for a service that is stopped.</summary>
    /// <param name="client">Whose request.</param>
    /// <param name="page">In HTML; null for the text.</param>
    /// <param name="keepAlive">Whether the next request may come.</param>
    /// <param name="requestRead">Whether the client has sent all of its request.</param>
    internal static void SayStopped(ClientStream client, byte[]? page, bool keepAlive, bool requestRead)
    {
        if (page is not null)
        {
            client.Reply(503, page, HtmlRetryStopped, keepAlive, requestRead);
        }
        else
        {
            Respond(client, 503, default, "The service is stopped"u8, JsonRetryStopped, keepAlive, requestRead);
        }
    }

    /// <summary>Answers a request when the balancer ends.</summary>
    internal static void SayEnds(ClientStream client, bool requestRead)
    {
        client.Context.Accounting.Reason = Reason.DrainTimeout;
        Respond(client, 503, default, "The balancer is being stopped"u8, JsonRetryAfter, requestRead: requestRead);
    }

    private static void Respond(
        ClientStream client, int status, ReadOnlySpan<byte> replica, ReadOnlySpan<byte> text, KeyValuePair<string, string>[] fields,
        bool keepAlive = false, bool requestRead = false)
    {
        Span<byte> body = stackalloc byte[ErrorBytesAtMost];
        client.Reply(status, WriteError(body, replica, text), fields, keepAlive, requestRead);
    }

    /// <summary>Writes the body of a failure and returns the part that was used.</summary>
    /// <param name="to">At least <see cref="ErrorBytesAtMost"/>.</param>
    /// <param name="replica">The name of the replica that failed; may be empty.</param>
    /// <param name="text">What happened; without quotes and backslashes.</param>
    internal static ReadOnlySpan<byte> WriteError(Span<byte> to, ReadOnlySpan<byte> replica, ReadOnlySpan<byte> text)
    {
        var writer = new ByteWriter(to);
        writer.Add("{\"message\":\"<Error> "u8);
        if (!replica.IsEmpty)
        {
            writer.Add("replica "u8);
            writer.Add(replica);
            writer.Add((byte)' ');
        }

        writer.Add(text);
        writer.Add("\",\"status\":\"failure\"}"u8);
        return to[..writer.Length];
    }
}
