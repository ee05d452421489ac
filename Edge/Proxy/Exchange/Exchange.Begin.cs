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
            return;
        }

        if (service.Counts is { } counts)
        {
            Accounting.BelongTo(counts);
        }

        if (route is null && service.IsEmpty)
        {
            // The default service has no replica, and will have none.
            LocalReply.Deny(Client, facts.Body, Reason.NoService, 404, "No service has this host and path"u8, LocalReply.Json);
        }
        else if (route is { Canonical: { } host } && !HttpsRedirect.IsChallenge(facts.Path.Of(data)))
        {
            LeadTo(host, data, head, facts, service);
        }
        else if (route is { Strips: true })
        {
            BeginStripped(data, head, facts, service, route, length);
        }
        else
        {
            Begin(data, head, facts, service, route);
        }
    }

    // These two are apart, because their copies would be cleared for each request.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BeginStripped(ReadOnlySpan<byte> data, Head head, in RequestFacts facts, ServiceState service, RouteTarget route, int length) =>
        Begin(data, head, facts with { Path = new ByteRange(facts.Path.Start + length, facts.Path.Length - length) }, service, route);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LeadTo(string host, ReadOnlySpan<byte> data, Head head, in RequestFacts facts, ServiceState service)
    {
        _context.FixedFields = service.Settings.FixedFields;
        string location = CanonicalHost.LocationOf(host, ClientScheme.IsHttps(Client, data, head, facts), data, facts);
        LocalReply.Redirect(Client, facts.Body, location);
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

        if (service.MayAnswer && !GoesOn(service, data, head, facts))
        {
            return;
        }

        _wantsPage = settings.HasPage && AcceptedTypes.NameHtml(data, head);

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
        if (settings.IsSticky)
        {
            Stick(data, head, facts, route);
        }

        _replica = null;
        Enter(ExchangeState.Seeking);
        _binds = ConnectionAuthentication.IsInRequest(data, head);
        _isCompared = service.Canary is { } canary && EntersComparison(canary, data, head, facts);
        _service.Permits.Budget.CountRequest(_loop.Now);
        Attempt(isFirst: true);

        // First the state: a request that is over by now has no client any more.
        if (_state == ExchangeState.Attempting && Client.PeerFinished)
        {
            // No event tells it again.
            ArmGrace();
        }
    }

    // The replica that has answered the client before is asked, if it can be, and the answer has a cookie, if the client has not.
    private void Stick(ReadOnlySpan<byte> data, Head head, in RequestFacts facts, RouteTarget? route)
    {
        Replica? wished = _service.Cookie.Find(data, head, _service.Table);
        if (wished is not null)
        {
            _attempts.Prefer(wished);
        }

        _response.Stick(_service.Cookie, wished, route, ClientScheme.IsHttps(Client, data, head, facts));
    }
}
