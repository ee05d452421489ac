using System.Diagnostics;
using Edge.Config;
using Edge.Http;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>A response on its way from the replica to the client: first its head, rewritten, then its body.</summary>
internal sealed class ResponseRelay
{
    private readonly LoopContext _loop;
    private readonly RequestContext _context;
    private Method _method;

    // The client waits for 100, and has not got it yet.
    private bool _awaitsContinue;

    // Interim responses that were passed on; and whether one that says something has come since that was last asked.
    private int _interim;
    private bool _isAtWork;

    internal ResponseRelay(LoopContext loop, RequestContext context)
    {
        _loop = loop;
        _context = context;
    }

    private ClientStream Client => _context.Client;

    /// <summary>A byte of the response has arrived: the request was acted upon.</summary>
    internal bool HasBegun { get; private set; }

    /// <summary>The client has been told the status: nothing else can be said any more.</summary>
    internal bool HeadSent { get; private set; }

    /// <summary>The client has got something of a response, if only an interim one: no other replica can begin anew.</summary>
    internal bool IsSeen => HeadSent || _interim > 0;

    /// <summary>What the client was told; 0 as long as it was told nothing.</summary>
    internal int Status { get; private set; }

    /// <summary>
    /// The head was sent before the request was, and the replica has not said that it will close: it reads on (RFC 9112 §9.3), and the
    /// client has not been told to stop.
    /// </summary>
    internal bool RequestGoesOn { get; private set; }

    /// <summary>The answer authenticates the connection to the replica, or asks for that.</summary>
    internal bool BindsConnection { get; private set; }

    /// <summary>Prepares for the response to a new request.</summary>
    internal void Begin(Method method, bool clientAwaitsContinue)
    {
        _method = method;
        _awaitsContinue = clientAwaitsContinue;
        HasBegun = HeadSent = RequestGoesOn = BindsConnection = _isAtWork = false;
        Status = _interim = 0;
    }

    /// <summary>Moves what can be moved now.</summary>
    /// <param name="upstream">Where it comes from.</param>
    /// <param name="replica">Whose it is.</param>
    /// <param name="request">That it answers.</param>
    /// <param name="retryStatus">Whether another replica may be asked, where the status is one for which that is wanted.</param>
    internal ResponseProgress Pump(UpstreamStream upstream, Replica replica, RequestRelay request, bool retryStatus)
    {
        if (!HeadSent)
        {
            ResponseProgress progress = ReadHead(upstream, replica, request, retryStatus);
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

    /// <summary>The client has not taken all that was taken from the replica for it.</summary>
    internal bool IsHeldUp(UpstreamStream? upstream) => Client.UnsentBytes > 0 || upstream is { HoldsBody: true };

    /// <summary>Whether there was an interim response since this was last asked (RFC 9110 §15.2): the replica is at work, and has the whole time again.</summary>
    /// <param name="request">Goes on where its client was told to.</param>
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
        HasBegun = _isAtWork = false;
        _interim = 0;
    }

    private ResponseProgress ReadHead(UpstreamStream upstream, Replica replica, RequestRelay request, bool retryStatus)
    {
        for (int round = 0; upstream.HasSomething; round++)
        {
            if (round == Limits.RelayRounds)
            {
                // Interim responses without end are a turn's work, too.
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
                case ResponseHeadResult.Complete when retryStatus && _interim == 0 && _loop.Retries.Has(_loop.ResponseHead.Status) && upstream.Pool.Service.Permits.Take(replica):
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

    // Nothing of the request has left yet. On a connection of its own, the answer is read when it has: some servers are that fast. On
    // one that was used before, what came cannot be its answer, and is nobody's (RFC 9112 §9.2).
    private static ResponseProgress AwaitRequest(UpstreamStream upstream)
    {
        if (upstream.WasPooled && !upstream.IsQuiet())
        {
            return ResponseProgress.ReplicaEnded;
        }

        upstream.AwaitPosted();
        return ResponseProgress.Going;
    }

    // However many there are: each goes out and is forgotten, as a piece of a body is.
    private void PassInterim(UpstreamStream upstream)
    {
        Head head = _loop.ResponseHead;

        // One 100 for one expectation: whoever has not asked discards it (RFC 9110 §15.2.1), and may take it for the answer.
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
                ViaLine = _loop.ViaLine(head.MinorVersion),
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
        return Send(new ResponseHead
        {
            Data = data,
            Head = head,
            Connection = connection,
            Body = framing.Kind,
            ReplicaLine = _loop.NameReplica ? replica.HeaderLine : default,
            ViaLine = _loop.ViaLine(head.MinorVersion),
            IsWhole = upstream.IsBodyRead,
            IsRequestDone = request.IsDone,
            RequestGoesOn = RequestGoesOn,
        }, arrived) ? ResponseProgress.Going : ResponseProgress.ClientGone;
    }

    // What nobody has offered is no switch, but an answer that can't be read on (RFC 9110 §7.8).
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
            ReplicaLine = _loop.NameReplica ? replica.HeaderLine : default,
            ViaLine = _loop.ViaLine(head.MinorVersion),
        }, upstream.TakeBehindHead()) ? ResponseProgress.Switched : ResponseProgress.ClientGone;
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
