using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// One request of a client of HTTP/1, and the answer to it: it lies on the client's connection, which has it on loan from the loop for as long
/// as there is a request.
/// </summary>
internal sealed class Http1ClientStream : ClientStream, IOnConnection
{
    private readonly LoopContext _loop;
    private ClientConnection _connection = null!;
    private BodyRelay _body;
    private ConnectionPersistence _persistence;
    private int _behindStart;
    private int _behindBytes;

    /// <param name="loop">Of the client.</param>
    /// <param name="newHandlers">Makes what answers its requests.</param>
    internal Http1ClientStream(LoopContext loop, Func<ClientStream, RequestHandlers> newHandlers)
    {
        _loop = loop;
        Handlers = newHandlers(this);
        Context = Handlers.Context;
    }

    internal RequestHandlers Handlers { get; }

    internal override RequestContext Context { get; }

    public Connection Connection => _connection;

    internal override PeerAddress Peer => _connection.Peer;

    internal override bool IsTrusted => _connection.IsTrusted;

    internal override bool IsTls => _connection.IsTls;

    internal override ReadOnlySpan<byte> CertificateSubject => _connection.Tls is { } tls ? tls.ClientSubject : default;

    internal override bool IsProxied => _connection.IsProxied;

    internal override IUpstreamHolder Holder => _connection;

    internal override UpstreamStream? Held => _connection.Held;

    internal override bool PeerFinished => _connection.PeerFinished;

    internal override bool HungUp => _connection.HungUp;

    internal override bool IsClosed => _connection.Closed;

    internal override int UnsentBytes => _connection.UnsentBytes;

    internal override bool IsPosted => _connection.IsPosted;

    internal override long BytesSent => _connection.BytesSent;

    internal override bool HasUnacknowledged => SocketQueue.UnacknowledgedBytes(_connection.Fd) > 0;

    internal override bool IsBodyRead => _body.Ended;

    internal override bool HasMovedBody => _body.HasPumped;

    internal override long BodyBytes => _body.Bytes;

    internal override bool IsBodyTooLarge => _body.IsTooLarge;

    internal override bool TakesChunks => _persistence.KnowsHttp11;

    internal override bool KeepsAlive => _persistence.Persists;

    internal override bool IsEndDelimited => _persistence.IsEndDelimited;

    /// <summary>A client borrows it, and begins a request, or what is taken for one.</summary>
    internal void Lend(ClientConnection connection)
    {
        _connection = connection;
        Context.Begin();
    }

    /// <summary>It is free again: the request is over, or its client has gone.</summary>
    internal void TakeBack()
    {
        Handlers.End();
        _body.Release(_loop);
        _connection = null!;
        _persistence = default;
    }

    /// <summary>The request's head is there and sound.</summary>
    /// <param name="head">At the front of the loop's read area.</param>
    /// <param name="length">Bytes there.</param>
    /// <param name="clientPersists">Whether the client wants to send more requests over its connection.</param>
    /// <param name="isLast">Whether the limits make this request the last one of its connection.</param>
    internal void Begin(Head head, int length, bool clientPersists, bool isLast)
    {
        _persistence.Begin(head.MinorVersion, clientPersists, isLast);
        _behindStart = head.Length;
        _behindBytes = length - head.Length;
    }

    internal override bool BeginBody(BodyFraming framing, bool decode, long contentAtMost, bool dropTrailers, out ReadOnlySpan<byte> arrived)
    {
        _body.Begin(framing, decode, contentAtMost, dropTrailers: dropTrailers);
        Span<byte> behind = _loop.ReadArea.Slice(_behindStart, _behindBytes);
        if (!_body.Take(behind, out int taken, out int kept))
        {
            arrived = default;
            return false;
        }

        arrived = behind[..kept];
        _connection.KeepAhead(behind[taken..]);
        return true;
    }

    internal override RelayResult MoveBody(MessageStream to)
    {
        RelayResult result = _body.Pump(_loop, _connection, to);
        KeepSurplus();
        return result;
    }

    internal override RelayResult ReadBody(out ReadOnlySpan<byte> content)
    {
        RelayResult result = _body.Read(_loop, _connection, out int kept);
        content = _loop.ReadArea.Slice(0, kept);
        KeepSurplus();
        return result;
    }

    private void KeepSurplus()
    {
        if (_body.SurplusBytes > 0)
        {
            _connection.KeepAhead(_loop.ReadArea.Slice(_body.SurplusStart, _body.SurplusBytes));
        }
    }

    internal override bool TakeProgress() => _body.TakeProgress();

    internal override void BeginTunnel() => _body.Begin(BodyFraming.UntilClose, decode: false);

    internal override ReadOnlySpan<byte> TakeAhead() => _loop.ReadArea.Slice(0, _connection.TakeAhead());

    internal override void ReleaseBody() => _body.Release(_loop);

    internal override bool Flush() => _connection.Flush();

    internal override bool Send(ReadOnlySpan<byte> piece) => _connection.Send(piece);

    internal override bool Post(ReadOnlySpan<byte> piece) => _connection.Post(piece);

    internal override void PushOut() => _connection.PushOut();

    internal override void FinishSending() => _connection.FinishSending();

    internal override bool IsReset() => _connection.IsReset();

    // A client that is gone is noticed by the next write or event.
    internal override void SendContinue() => _connection.Send("HTTP/1.1 100 Continue\r\n\r\n"u8);

    internal override bool SendInterim(in ResponseHead head)
    {
        if (!_persistence.KnowsHttp11)
        {
            return false;
        }

        int length = HeadWriter.WriteResponse(_loop.Scratch, head.Data, head.Head, head.Connection, new RelayContext { ViaLine = head.ViaLine });

        // As with 100: a client that is gone is noticed by the next write or event.
        _connection.Send(_loop.Scratch[..length]);
        return true;
    }

    // The head and the part of the body that came with it go out in one piece: the new head is put right before the body.
    internal override bool SendHead(in ResponseHead head, ReadOnlySpan<byte> arrived)
    {
        _persistence.DecideRelayed(head.Body, head.IsRequestDone || head.RequestGoesOn, _loop.Draining);
        int length = HeadWriter.WriteResponse(_loop.Scratch, head.Data, head.Head, head.Connection, new RelayContext
        {
            ReplicaLine = head.ReplicaLine,
            ViaLine = head.ViaLine,
            Fixed = Context.FixedFields,
            Date = _loop.Date,
            IsChunked = head.Body == BodyKind.Chunked && _persistence.KnowsHttp11,
            Close = !_persistence.Persists,
            SayKeepAlive = !_persistence.KnowsHttp11,
            StrictTransportLine = IsTls ? _loop.Settings.StrictTransportLine : default,
        });
        bool isLast = !_persistence.Persists && head.IsWhole && !head.RequestGoesOn;
        ReadOnlySpan<byte> written = _loop.Scratch[..length];
        if (_loop.ReadArea.TryPrepend(written, arrived, out ReadOnlySpan<byte> both))
        {
            return _connection.Post(both, isLast);
        }

        return _connection.Post(written, isLast && arrived.IsEmpty) && (arrived.IsEmpty || _connection.Post(arrived, isLast));
    }

    internal override void OnAnswered(bool keepAlive, bool requestRead) => _connection.OnAnswered(keepAlive, requestRead);

    internal override void EndCut(bool requestRead) => _connection.EndCut(requestRead, _persistence.IsEndDelimited);

    internal override void End() => _connection.End(requestRead: false);

    internal override void Close() => _connection.Close();

    internal override void Abort() => _connection.Abort();

    internal override void CountBytes() => _connection.CountBytes();

    internal override void EndAccounting() => _connection.EndAccounting();

    internal override void SetTimer(long at) => _loop.Timers.Arm(_connection, at);

    internal override void Reply(int status, ReadOnlySpan<byte> body, IReadOnlyList<KeyValuePair<string, string>> fields, bool keepAlive, bool requestRead) =>
        _connection.Reply(status, body, fields, _persistence.DecideReply(keepAlive, _loop.Draining), requestRead);

    internal override bool BeginReply(int status, IReadOnlyList<KeyValuePair<string, string>> fields, bool keepAlive)
    {
        bool persists = _persistence.DecidePieces(keepAlive, _loop.Draining);
        return _connection.Send(Http1LocalReply.WriteHead(_loop, status, HeadWriter.NoLength, fields, persists, IsTls, _persistence.KnowsHttp11));
    }

    internal override bool SendPiece(ReadOnlySpan<byte> piece) => !_persistence.KnowsHttp11
        ? piece.IsEmpty || _connection.Send(piece)
        : _connection.Send(Http1LocalReply.WriteChunk(_loop.Scratch, piece));
}
