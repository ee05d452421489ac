using Edge.Config;
using Edge.Http;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>A response on its way from the replica to the client: first its head, rewritten, then its body.</summary>
internal sealed unsafe class ResponseRelay
{
    private readonly LoopContext _loop;
    private readonly RequestContext _context;
    private readonly ResponseHeadReader _head = new();
    private BodyRelay _body;
    private Method _method;
    private bool _clientKnowsHttp11;

    internal ResponseRelay(LoopContext loop, RequestContext context)
    {
        _loop = loop;
        _context = context;
    }

    private ClientConnection Client => _context.Client;

    /// <summary>A byte of the response has arrived: the request was acted upon.</summary>
    internal bool HasBegun { get; private set; }

    /// <summary>The client has been told the status: nothing else can be said any more.</summary>
    internal bool HeadSent { get; private set; }

    /// <summary>The client has got something of a response, if only an interim one: no other replica can begin anew.</summary>
    internal bool IsSeen => HeadSent || _head.Interim > 0;

    /// <summary>What the client was told; 0 as long as it was told nothing.</summary>
    internal int Status { get; private set; }

    /// <summary>The client's connection may outlive the response, as far as the client is asked.</summary>
    internal bool ClientKeepsAlive { get; private set; }

    /// <summary>The client's connection outlives the response, as it was told.</summary>
    internal bool KeepAlive { get; private set; }

    /// <summary>As far as the response goes, the replica's connection may carry another request.</summary>
    internal bool IsConnectionReusable { get; private set; }

    /// <summary>
    /// The head was sent before the request was, and the replica has not said that it will close: it reads on (RFC 9112 §9.3), and the
    /// client has not been told to stop.
    /// </summary>
    internal bool RequestGoesOn { get; private set; }

    /// <summary>The answer authenticates the connection to the replica, or asks for that.</summary>
    internal bool BindsConnection { get; private set; }

    /// <summary>Prepares for the response to a new request.</summary>
    internal void Begin(Method method, bool clientKnowsHttp11, bool clientKeepsAlive, bool clientAwaitsContinue)
    {
        _method = method;
        _clientKnowsHttp11 = clientKnowsHttp11;
        ClientKeepsAlive = clientKeepsAlive;
        _head.AwaitsContinue = clientAwaitsContinue;
        HasBegun = HeadSent = KeepAlive = IsConnectionReusable = RequestGoesOn = BindsConnection = false;
        Status = 0;
    }

    /// <summary>Moves what can be moved now.</summary>
    /// <param name="upstream">Where it comes from.</param>
    /// <param name="replica">Whose it is.</param>
    /// <param name="request">That it answers.</param>
    /// <param name="retryStatus">Whether another replica may be asked, where the status is one for which that is wanted.</param>
    internal ResponseProgress Pump(UpstreamConnection upstream, Replica replica, RequestRelay request, bool retryStatus)
    {
        if (!HeadSent)
        {
            ResponseProgress progress = ReadHead(upstream, replica, request, retryStatus);
            if (progress != ResponseProgress.Going || !HeadSent)
            {
                return progress;
            }
        }

        if (_body.Ended && !_body.HasPumped)
        {
            return ResponseProgress.Finished;
        }

        RelayResult result = _body.Pump(_loop, upstream, Client);
        IsConnectionReusable &= _body.SurplusBytes == 0;
        switch (result)
        {
            case RelayResult.Done:
                return ResponseProgress.Finished;
            case RelayResult.Yielded:
                _loop.Defer(upstream);
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

    internal bool TakeProgress() => _body.TakeProgress();

    /// <summary>The client tells the end of the body by nothing but the end of its connection.</summary>
    internal bool IsEndDelimited { get; private set; }

    /// <summary>The client has not taken all that was taken from the replica for it.</summary>
    internal bool IsHeldUp => _body.IsHeldUp(Client);

    /// <summary>Nothing follows: what was taken from the replica is the client's connection's to send. False where that is broken.</summary>
    internal bool Leave() => _body.Leave(_loop, Client);

    /// <summary>Whether there was an interim response since this was last asked (RFC 9110 §15.2): the replica is at work, and has the whole time again.</summary>
    /// <param name="request">Goes on where its client was told to.</param>
    internal bool TakeInterim(RequestRelay request)
    {
        if (!_head.HasProgressed)
        {
            return false;
        }

        _head.HasProgressed = false;
        if (!_head.AwaitsContinue)
        {
            request.GoOn();
        }

        return true;
    }

    /// <summary>Gives back what it holds; after any end, good or bad.</summary>
    internal void Release()
    {
        HasBegun = false;
        _head.Drop(_loop);
        _body.Release(_loop);
    }

    private ResponseProgress ReadHead(UpstreamConnection upstream, Replica replica, RequestRelay request, bool retryStatus)
    {
        for (int round = 0; upstream.Readable; round++)
        {
            if (round == Limits.RelayRounds)
            {
                // Interim responses without end are a turn's work, too.
                _loop.Defer(upstream);
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

            ResponseHeadResult result = _head.Read(_loop, upstream, _clientKnowsHttp11 ? Client : null);
            HasBegun |= _head.HasBegun;
            switch (result)
            {
                case ResponseHeadResult.Complete when retryStatus && _head.Interim == 0 && _loop.Retries.Has(_loop.ResponseHead.Status) && upstream.Pool.Service.Permits.Take(replica):
                    return ResponseProgress.Refused;
                case ResponseHeadResult.Complete:
                    return SendHead(replica, request);
                case ResponseHeadResult.Switching:
                    return SendSwitch(replica, request);
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
    private static ResponseProgress AwaitRequest(UpstreamConnection upstream)
    {
        if (upstream.WasPooled && !upstream.IsQuiet())
        {
            return ResponseProgress.ReplicaEnded;
        }

        upstream.AwaitPosted();
        return ResponseProgress.Going;
    }

    // The head and what came with it of the body go out in one piece: the new head is put right before the body.
    private ResponseProgress SendHead(Replica replica, RequestRelay request)
    {
        Head head = _loop.ResponseHead;
        byte* data = _head.Data;
        var headBytes = new ReadOnlySpan<byte>(data, head.Length);
        byte* body = data + head.Length;
        int bodyBytes = _head.Length - head.Length;
        if (BodyFraming.OfResponse(headBytes, head, _method, out BodyFraming framing) != MessageError.None)
        {
            return ResponseProgress.Malformed;
        }

        bool chunked = framing.Kind == BodyKind.Chunked;
        ConnectionOptions connection = ConnectionOptions.Of(headBytes, head);
        _body.Begin(framing, decode: !_clientKnowsHttp11, isAnswer: true, dropTrailers: connection.Nominates);
        if (!_body.Take(new Span<byte>(body, bodyBytes), out int taken, out int kept))
        {
            return ResponseProgress.Malformed;
        }

        IsEndDelimited = framing.Kind == BodyKind.UntilClose || (chunked && !_clientKnowsHttp11);
        IsConnectionReusable = connection.Persists(head.MinorVersion) && framing.Kind != BodyKind.UntilClose && taken == bodyBytes && !AnnouncesBodyOf204(headBytes, head);
        RequestGoesOn = IsConnectionReusable && request.IsGoingOn(_head.AwaitsContinue);
        KeepAlive = ClientKeepsAlive && !IsEndDelimited && (request.IsDone || RequestGoesOn) && !_loop.Draining;
        BindsConnection = ConnectionAuthentication.IsInResponse(headBytes, head);
        int newHeadBytes = HeadWriter.WriteResponse(_loop.Scratch, headBytes, head, connection, new RelayContext
        {
            ReplicaLine = _loop.NameReplica ? replica.HeaderLine : default,
            ViaLine = _loop.ViaLine(head.MinorVersion),
            Date = _loop.Date,
            IsChunked = chunked && _clientKnowsHttp11,
            Close = !KeepAlive,
            SayKeepAlive = !_clientKnowsHttp11,
        });
        return Send(newHeadBytes, body, kept, isLast: !KeepAlive && _body.Ended && !RequestGoesOn) ? ResponseProgress.Going : ResponseProgress.ClientGone;
    }

    // There can be none (RFC 9110 §8.6, RFC 9112 §6.1), but whoever announces one may send it after all, and to the next request.
    private static bool AnnouncesBodyOf204(ReadOnlySpan<byte> data, Head head) =>
        head.Status == 204 && (head.Has(KnownField.TransferEncoding)
            || (head.TryGet(KnownField.ContentLength, out HeaderField length) && !length.Value(data).SequenceEqual("0"u8)));

    // What nobody has offered is no switch, but an answer that can't be read on (RFC 9110 §7.8).
    private ResponseProgress SendSwitch(Replica replica, RequestRelay request)
    {
        Head head = _loop.ResponseHead;
        byte* data = _head.Data;
        var headBytes = new ReadOnlySpan<byte>(data, head.Length);
        if (!request.IsDone || !UpgradeFields.AreAcceptance(request.KeptBytes, headBytes, head))
        {
            return ResponseProgress.Malformed;
        }

        int newHeadBytes = HeadWriter.WriteResponse(_loop.Scratch, headBytes, head, ConnectionOptions.Of(headBytes, head), new RelayContext
        {
            ReplicaLine = _loop.NameReplica ? replica.HeaderLine : default,
            ViaLine = _loop.ViaLine(head.MinorVersion),
        });
        return Send(newHeadBytes, data + head.Length, _head.Length - head.Length, isLast: false) ? ResponseProgress.Switched : ResponseProgress.ClientGone;
    }

    // The head as written in the scratch area, and behind it what the replica has sent with its own. False where the client is gone.
    private bool Send(int headBytes, byte* rest, int restBytes, bool isLast)
    {
        byte* start = rest - headBytes;
        _loop.Scratch[..headBytes].CopyTo(new Span<byte>(start, headBytes));
        HeadSent = true;
        Status = _loop.ResponseHead.Status;
        _head.Drop(_loop);
        return Client.Post(start, headBytes + restBytes, isLast);
    }
}
