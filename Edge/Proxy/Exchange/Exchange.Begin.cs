using System.Runtime.CompilerServices;
using Edge.Http;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

// Which service a request is for, and its first attempt.
internal sealed partial class Exchange
{
    /// <summary>(1) Takes a request with a sound head, and the part of its body that has arrived.</summary>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">As it came.</param>
    /// <param name="facts">As derived from the head.</param>
    internal void Begin(ReadOnlySpan<byte> data, Head head, in RequestFacts facts)
    {
        if (_services.HasRoutes)
        {
            BeginRouted(data, head, facts);
        }
        else
        {
            Begin(data, head, facts, _services.Default, route: null);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BeginRouted(ReadOnlySpan<byte> data, Head head, in RequestFacts facts)
    {
        if (_services.Find(data, facts, out RouteTarget? route, out int length) is not { } service)
        {
            LocalReply.Refuse(Client, MessageError.AmbiguousPath);
        }
        else if (route is null && service.IsEmpty)
        {
            // The default service has no replica, and will have none.
            LocalReply.Deny(Client, facts.Body, Reason.NoService, 404, "No service has this host and path"u8, LocalReply.Json);
        }
        else if (route is { Strips: true })
        {
            Begin(data, head, facts with { Path = new ByteRange(facts.Path.Start + length, facts.Path.Length - length) }, service, route);
        }
        else
        {
            Begin(data, head, facts, service, route);
        }
    }

    private void Begin(ReadOnlySpan<byte> data, Head head, in RequestFacts facts, ServiceState service, RouteTarget? route)
    {
        _service = service;
        ServiceSettings settings = service.Settings;
        if (settings.FixedFields is { } fixedFields)
        {
            _context.FixedFields = fixedFields;
        }

        if (route is { Strips: true })
        {
            _context.Stripped = route;
        }

        if (service.Access is { } gate && !PassesGate(gate, data, head, facts))
        {
            return;
        }

        _page = null;
        if (settings.ErrorPage is { } page && AcceptedTypes.NameHtml(data, head))
        {
            _page = page;
        }

        long bodyAtMost = settings.ClientLimits.BodyBytes;
        if (bodyAtMost > 0 && facts.Body.Bytes > bodyAtMost)
        {
            LocalReply.Refuse(Client, MessageError.BodyTooLarge);
            return;
        }

        if (!_request.Begin(data, head, facts, _service.Protocol, settings))
        {
            LocalReply.Refuse(Client, _request.IsTooLarge ? MessageError.BodyTooLarge : MessageError.MalformedChunk);
            return;
        }

        _attempts.Begin(head.Method, _service);
        _response.Begin(head.Method, facts.ExpectsContinue, settings);
        _replica = null;
        Enter(ExchangeState.Seeking);
        _binds = ConnectionAuthentication.IsInRequest(data, head);
        _service.Permits.Budget.CountRequest(_loop.Now);
        Attempt(isFirst: true);

        // First the state: a request that is over by now has no client any more.
        if (_state == ExchangeState.Attempting && Client.PeerFinished)
        {
            // No event tells it again.
            ArmGrace();
        }
    }

    // False where the request was answered.
    private bool PassesGate(AccessGate gate, ReadOnlySpan<byte> data, Head head, in RequestFacts facts)
    {
        AccessVerdict verdict = gate.Judge(Client.Peer, Client.IsTrusted, data, head);
        if (verdict == AccessVerdict.Admitted)
        {
            _context.TakesAuthorization = gate.TakesAuthorization;
            return true;
        }

        switch (verdict)
        {
            case AccessVerdict.NotAllowed:
                LocalReply.Deny(Client, facts.Body, Reason.NotAllowed, 403, "This address may not ask here"u8, LocalReply.Json);
                break;
            case AccessVerdict.TooManyRequests:
                LocalReply.Deny(Client, facts.Body, Reason.RateLimited, 429, "Too many requests"u8, LocalReply.JsonRetryAfter);
                break;
            case AccessVerdict.TooManyAttempts:
                LocalReply.Deny(Client, facts.Body, Reason.AttemptsLimited, 429, "Too many wrong passwords"u8, LocalReply.JsonRetryAttempt);
                break;
            default:
                LocalReply.Deny(Client, facts.Body, Reason.Unauthorized, 401, "A user and a password are needed"u8, gate.Challenge);
                break;
        }

        return false;
    }
}
