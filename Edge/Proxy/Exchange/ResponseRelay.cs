using System.Diagnostics;
using Edge.Config;
using Edge.Http;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>A response on its way from the replica to the client: first its head, written anew, then its body.</summary>
internal sealed class ResponseRelay
{
    private readonly LoopContext _loop;
    private readonly RequestContext _context;
    private Method _method;
    private ServiceSettings _settings = null!;

    // The client waits for 100, and has not got it yet.
    private bool _awaitsContinue;

    // Interim responses that were passed on; and whether one that says something has come since that was last asked.
    private int _interim;
    private bool _isAtWork;

    // Of a service whose clients stay with a replica; else of an earlier request.
    private StickyCookie? _cookie;
    private Replica? _wished;
    private RouteTarget? _route;
    private bool _isSecure;

    internal ResponseRelay(LoopContext loop, RequestContext context)
    {
        _loop = loop;
        _context = context;
    }

    private ClientStream Client => _context.Client;

    /// <summary>A byte of the response has arrived: the replica has acted on the request.</summary>
    internal bool HasBegun { get; private set; }

    /// <summary>The client has got the status, so no other response can be sent.</summary>
    internal bool HeadSent { get; private set; }

    /// <summary>The client has got a part of a response, at least an interim one, so no other replica can begin again.</summary>
    internal bool IsSeen => HeadSent || _interim > 0;

    /// <summary>The status that the client got; 0 as long as it got none.</summary>
    internal int Status { get; private set; }

    /// <summary>
    /// The head was sent before the whole request, and the replica has not said that it closes: it reads on (RFC 9112 §9.3), and the client was not
    /// told to stop.
    /// </summary>
    internal bool RequestGoesOn { get; private set; }

    /// <summary>The replica of this attempt is a new one, and an old one can be asked: the client does not get to see a failure of the new one.</summary>
    internal bool IsShielded { get; set; }

    /// <summary>The response authenticates the upstream connection, or asks for that.</summary>
    internal bool BindsConnection { get; private set; }

    /// <summary>Prepares for the response to a new request.</summary>
    internal void Begin(Method method, bool clientAwaitsContinue, ServiceSettings settings)
    {
        // A comparison costs less than a reference that is written, of which the collector is told.
        if (_settings != settings)
        {
            _settings = settings;
        }

        _method = method;
        _awaitsContinue = clientAwaitsContinue;
        HasBegun = HeadSent = RequestGoesOn = BindsConnection = IsShielded = _isAtWork = false;
        Status = _interim = 0;
    }

    /// <summary>The answer has a cookie, unless the replica that the client asked for by one is the one that answers.</summary>
    /// <param name="cookie">Of the service.</param>
    /// <param name="wished">The replica that the client asked for; null for none.</param>
    /// <param name="route">That led to the service; null for none.</param>
    /// <param name="isSecure">Whether the client came by https.</param>
    internal void Stick(StickyCookie cookie, Replica? wished, RouteTarget? route, bool isSecure) =>
        (_cookie, _wished, _route, _isSecure) = (cookie, wished, route, isSecure);

    /// <summary>Moves as many bytes as can be moved now.</summary>
    /// <param name="upstream">The replica's connection.</param>
    /// <param name="replica">The replica.</param>
    /// <param name="request">The request that it answers.</param>
    /// <param name="permits">Permits to ask another replica, if the status is one for which that is wanted; null where no other may be asked.</param>
    internal ResponseProgress Pump(UpstreamStream upstream, Replica replica, RequestRelay request, RetryPermits? permits)
    {
        if (!HeadSent)
        {
            ResponseProgress progress = ReadHead(upstream, replica, request, permits);
            if (progress != ResponseProgress.Going || !HeadSent)
            {
                return progress;
            }
        }

        if (upstream is { IsBodyRead: true, HasMovedBody: false })
        {
            return ResponseProgress.Finished;
        }

        switch (upstream.MoveBody(Client))
        {
            case RelayResult.Done:
                return ResponseProgress.Finished;
            case RelayResult.Yielded:
                upstream.Defer();
                return ResponseProgress.Going;
            case RelayResult.SourceEnded:
                return ResponseProgress.ReplicaEnded;
            case RelayResult.Malformed:
                return ResponseProgress.Malformed;
            case RelayResult.SinkBroken:
                return ResponseProgress.ClientGone;
            default:
                return ResponseProgress.Going;
        }
    }

    /// <summary>The client has not taken all bytes that were taken from the replica for it.</summary>
    internal bool IsHeldUp(UpstreamStream? upstream) => Client.UnsentBytes > 0 || upstream is { HoldsBody: true };

    /// <summary>
    /// Whether there was an interim response since the last call (RFC 9110 §15.2): the replica is at work, and has the whole time again.
    /// </summary>
    /// <param name="request">Goes on if its client was told to.</param>
    internal bool TakeInterim(RequestRelay request)
    {
        if (!_isAtWork)
        {
            return false;
        }

        _isAtWork = false;
        if (!_awaitsContinue)
        {
            request.GoOn();
        }

        return true;
    }

    /// <summary>The attempt is over: nothing of a response has come to the next one.</summary>
    internal void Release()
    {
        HasBegun = IsShielded = _isAtWork = false;
        _interim = 0;
    }

    private ResponseProgress ReadHead(UpstreamStream upstream, Replica replica, RequestRelay request, RetryPermits? permits)
    {
        for (int round = 0; upstream.HasSomething; round++)
        {
            if (round == Limits.RelayRounds)
            {
                // Interim responses without end take turns with other connections, too.
                upstream.Defer();
                return ResponseProgress.Going;
            }

            if (request.IsToLeave(upstream))
            {
                return AwaitRequest(upstream);
            }

            if (!Client.Flush())
            {
                return ResponseProgress.ClientGone;
            }

            if (Client.UnsentBytes > 0)
            {
                return ResponseProgress.Going;
            }

            ResponseHeadResult result;
            while ((result = upstream.ReadHead()) == ResponseHeadResult.Interim)
            {
                PassInterim(upstream);
            }

            HasBegun |= upstream.HasBegun;
            switch (result)
            {
                case ResponseHeadResult.Complete when IsShielded && IsToBeHidden(upstream):
                    return ResponseProgress.Refused;
                case ResponseHeadResult.Complete when permits is not null && _interim == 0
                    && _settings.Retries.Has(_loop.ResponseHead.Status) && permits.Take(replica):
                    return ResponseProgress.Refused;
                case ResponseHeadResult.Complete:
                    return SendHead(upstream, replica, request);
                case ResponseHeadResult.Switching:
                    return SendSwitch(upstream, replica, request);
                case ResponseHeadResult.Ended:
                    return ResponseProgress.ReplicaEnded;
                case ResponseHeadResult.Malformed:
                    return ResponseProgress.Malformed;
            }
        }

        return ResponseProgress.Going;
    }

    // A failure of a new replica; or what would bind the client to it, and with it requests that are not for new ones.
    private bool IsToBeHidden(UpstreamStream upstream) =>
        _loop.ResponseHead.Status >= 500 || ConnectionAuthentication.IsInResponse(upstream.HeadBytes, _loop.ResponseHead);

    // No byte of the request has left yet. On a new connection, the response is read when the request has left, because some servers are that fast.
    // On a connection that was used before, these bytes cannot be its response, and belong to no request (RFC 9112 §9.2).
    private static ResponseProgress AwaitRequest(UpstreamStream upstream)
    {
        if (upstream.WasPooled && !upstream.IsQuiet())
        {
            return ResponseProgress.ReplicaEnded;
        }

        upstream.AwaitPosted();
        return ResponseProgress.Going;
    }

    // There is no bound to their number: each is sent and forgotten, as a piece of a body is.
    private void PassInterim(UpstreamStream upstream)
    {
        Head head = _loop.ResponseHead;

        // One 100 for one expectation: another one is discarded (RFC 9110 §15.2.1), because some clients take it for the response.
        bool isWanted = head.Status != 100 || _awaitsContinue;
        _awaitsContinue &= head.Status != 100;
        _isAtWork |= isWanted;
        if (isWanted)
        {
            ReadOnlySpan<byte> data = upstream.HeadBytes;
            _interim += Client.SendInterim(new ResponseHead
            {
                Data = data,
                Head = head,
                Connection = ConnectionOptions.Of(data, head),
                ViaLine = _loop.Settings.ViaLine(head.MinorVersion),
            }) ? 1 : 0;
        }
    }

    private ResponseProgress SendHead(UpstreamStream upstream, Replica replica, RequestRelay request)
    {
        Head head = _loop.ResponseHead;
        ReadOnlySpan<byte> data = upstream.HeadBytes;
        if (BodyFraming.OfResponse(data, head, _method, out BodyFraming framing) != MessageError.None)
        {
            return ResponseProgress.Malformed;
        }

        ConnectionOptions connection = ConnectionOptions.Of(data, head);
        if (!upstream.BeginBody(framing, connection, decode: !Client.TakesChunks, out ReadOnlySpan<byte> arrived))
        {
            return ResponseProgress.Malformed;
        }

        RequestGoesOn = upstream.IsReusable && request.IsGoingOn(_awaitsContinue);
        BindsConnection = ConnectionAuthentication.IsInResponse(data, head);
        _context.FixedFields?.LeaveOut(data, head);
        return Send(new ResponseHead
        {
            Data = data,
            Head = head,
            Connection = connection,
            Body = framing.Kind,
            ReplicaLine = _settings.OnlyNamesReplica ? replica.HeaderLine : LinesOf(replica),
            ViaLine = _loop.Settings.ViaLine(head.MinorVersion),
            IsWhole = upstream.IsBodyRead,
            IsRequestDone = request.IsDone,
            RequestGoesOn = RequestGoesOn,
        }, arrived) ? ResponseProgress.Going : ResponseProgress.ClientGone;
    }

    // A 101 that no client asked for is not a switch but a response that cannot be read on (RFC 9110 §7.8).
    private ResponseProgress SendSwitch(UpstreamStream upstream, Replica replica, RequestRelay request)
    {
        Head head = _loop.ResponseHead;
        ReadOnlySpan<byte> data = upstream.HeadBytes;
        if (!request.IsDone || !UpgradeFields.AreAcceptance(request.KeptBytes, data, head))
        {
            return ResponseProgress.Malformed;
        }

        return Send(new ResponseHead
        {
            Data = data,
            Head = head,
            Connection = ConnectionOptions.Of(data, head),
            ReplicaLine = _settings.OnlyNamesReplica ? replica.HeaderLine : LinesOf(replica),
            ViaLine = _loop.Settings.ViaLine(head.MinorVersion),
        }, upstream.TakeBehindHead()) ? ResponseProgress.Switched : ResponseProgress.ClientGone;
    }

    // The field that names the replica, and the cookie that names it for the next request, as far as the service wants them.
    private ReadOnlySpan<byte> LinesOf(Replica replica)
    {
        if (!_settings.IsSticky || _cookie is null)
        {
            return _settings.NameReplica ? replica.HeaderLine : default;
        }

        // Nobody stays with a new replica that may soon be gone.
        Replica? wished = IsShielded ? replica : _wished;
        ReadOnlySpan<byte> lines = _cookie.Lines(replica, _settings.NameReplica, wished, _route is { } route ? route.Path : default, _isSecure);

        // It is asked once: the final answer, or a 101.
        (_wished, _route) = (null, null);
        return lines;
    }

    // With what the replica has sent behind it. False where the client is gone.
    private bool Send(in ResponseHead head, ReadOnlySpan<byte> arrived)
    {
        Debug.Assert(!HeadSent);
        HeadSent = true;
        _isAtWork = false;
        Status = head.Head.Status;
        return Client.SendHead(head, arrived);
    }
}
