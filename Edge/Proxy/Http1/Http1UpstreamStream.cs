using Edge.Config;
using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// What a connection to a replica is for an exchange: HTTP/1 has one stream on a connection, which lies on it from its beginning to its end. Heads are read
/// in the loop's read area; what is not whole yet waits in a buffer of its own.
/// </summary>
internal sealed class Http1UpstreamStream : UpstreamStream, IOnConnection
{
    private readonly LoopContext _loop;
    private readonly UpstreamConnection _connection;
    private PendingBytes _pending;
    private BodyRelay _body;

    // Where the head that was read begins in the read area, and where what was read with it ends.
    private int _headStart;
    private int _headBytes;
    private int _end;
    private bool _isBehindInterim;
    private bool _hasBegun;
    private bool _isReusable;

    internal Http1UpstreamStream(LoopContext loop, UpstreamConnection connection) => (_loop, _connection) = (loop, connection);

    public Connection Connection => _connection;

    /// <summary>As what it is for the pool.</summary>
    internal UpstreamConnection Upstream => _connection;

    internal override UpstreamPool Pool => _connection.Pool;

    internal override bool IsConnected => _connection.IsConnected;

    internal override bool HasSomething => _connection.Readable;

    internal override bool IsFull => !_connection.Writable;

    internal override bool PeerFinished => _connection.PeerFinished;

    internal override bool HungUp => _connection.HungUp;

    internal override int UnsentBytes => _connection.UnsentBytes;

    internal override bool IsPosted => _connection.IsPosted;

    internal override bool HasBegun => _hasBegun;

    internal override bool IsReusable => _isReusable;

    internal override bool IsBodyRead => _body.Ended;

    internal override bool HasMovedBody => _body.HasPumped;

    internal override bool HoldsBody => _body.IsHolding;

    internal override ReadOnlySpan<byte> HeadBytes => _loop.ReadArea.Slice(_headStart, _headBytes);

    internal override ResponseHeadResult ReadHead()
    {
        if (!_isBehindInterim)
        {
            Span<byte> area = _loop.ReadArea.Span;
            int held = _pending.CopyTo(area);
            int got = _connection.Receive(area.Slice(held, Limits.HeadReceiveBytes));
            if (got <= 0)
            {
                return got == Connection.WouldBlock ? ResponseHeadResult.Partial : ResponseHeadResult.Ended;
            }

            _hasBegun = true;
            _headStart = _headBytes = 0;
            _end = held + got;
        }

        _isBehindInterim = false;
        _headStart += _headBytes;
        return _headStart == _end ? DropPending() : Parse();
    }

    // Of interim heads nothing is left that was read.
    private ResponseHeadResult DropPending()
    {
        _pending.Drop(_loop.Buffers);
        return ResponseHeadResult.Partial;
    }

    private ResponseHeadResult Parse()
    {
        Head head = _loop.ResponseHead;
        ReadOnlySpan<byte> data = _loop.ReadArea.Slice(_headStart, _end - _headStart);
        switch (HeadParser.ParseResponse(data, head))
        {
            case ParseResult.Bad:
                return ResponseHeadResult.Malformed;
            case ParseResult.Partial:
                _pending.Keep(_loop.Buffers, data);
                return ResponseHeadResult.Partial;
        }

        _headBytes = head.Length;
        _isBehindInterim = head.Status is < 200 and not 101;
        return _isBehindInterim ? ResponseHeadResult.Interim : head.Status == 101 ? ResponseHeadResult.Switching : ResponseHeadResult.Complete;
    }

    internal override bool BeginBody(BodyFraming framing, ConnectionOptions connection, bool decode, out ReadOnlySpan<byte> arrived)
    {
        Head head = _loop.ResponseHead;
        _body.Begin(framing, decode, isAnswer: true, dropTrailers: connection.Nominates);
        Span<byte> behind = _loop.ReadArea.Slice(_headStart + _headBytes, _end - _headStart - _headBytes);
        if (!_body.Take(behind, out int taken, out int kept))
        {
            arrived = default;
            return false;
        }

        _isReusable = connection.Persists(head.MinorVersion) && framing.Kind != BodyKind.UntilClose
            && taken == behind.Length && !AnnouncesBodyOf204(HeadBytes, head);
        _pending.Drop(_loop.Buffers);
        arrived = behind[..kept];
        return true;
    }

    // A 204 has no body (RFC 9110 §8.6, RFC 9112 §6.1), but a replica that announces one may send it all the same, and then the next request would
    // get it.
    private static bool AnnouncesBodyOf204(ReadOnlySpan<byte> data, Head head) =>
        head.Status == 204 && (head.Has(KnownField.TransferEncoding)
            || (head.TryGet(KnownField.ContentLength, out HeaderField length) && !length.Value(data).SequenceEqual("0"u8)));

    internal override ReadOnlySpan<byte> TakeBehindHead()
    {
        _pending.Drop(_loop.Buffers);
        return _loop.ReadArea.Slice(_headStart + _headBytes, _end - _headStart - _headBytes);
    }

    internal override RelayResult MoveBody(MessageStream to)
    {
        RelayResult result = _body.Pump(_loop, _connection, to);
        _isReusable &= _body.SurplusBytes == 0;
        return result;
    }

    internal override bool TakeProgress() => _body.TakeProgress();

    internal override bool LeaveBody(MessageStream to) => _body.Leave(_loop, to);

    internal override void BeginTunnel() => _body.Begin(BodyFraming.UntilClose, decode: false);

    internal override void ReleaseBody()
    {
        _pending.Drop(_loop.Buffers);
        _body.Release(_loop);
        _hasBegun = _isBehindInterim = _isReusable = false;
    }

    internal override bool Flush() => _connection.Flush();

    internal override bool IsAllUnsent(int posted) => _connection.IsAllUnsent(posted);

    internal override int TrySend(ReadOnlySpan<byte> part) => _connection.TrySend(part);

    internal override bool Send(ReadOnlySpan<byte> piece) => _connection.Send(piece);

    internal override bool Post(ReadOnlySpan<byte> piece) => _connection.Post(piece);

    internal override bool AwaitPosted() => _connection.AwaitPosted();

    internal override void PushOut() => _connection.PushOut();

    internal override void FinishSending() => _connection.FinishSending();

    internal override bool IsQuiet() => _connection.IsQuiet();

    internal override bool IsClean() => _connection.IsClean();

    internal override bool IsReset() => _connection.IsReset();

    internal override void Defer() => _loop.Defer(_connection);

    internal override void SetTimer(long at) => _loop.Timers.Arm(_connection, at);

    internal override void CountBytes() => _connection.CountBytes();

    internal override void Abandon(long deadline) => _connection.Abandon(deadline);

    internal override void LetGo() => _connection.LetGo();

    internal override void Abort() => _connection.Abort();
}
