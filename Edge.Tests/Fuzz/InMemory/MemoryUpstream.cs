using Edge.Config;
using Edge.Http;
using Edge.Proxy;

namespace Edge.Tests.Fuzz;

/// <summary>A stream to a replica that lies on two queues of bytes.</summary>
internal sealed class MemoryUpstream : UpstreamStream
{
    private readonly LoopContext _loop;
    private readonly MemoryPool _pool;
    private readonly MemoryBody _body;
    private readonly byte[] _area = new byte[Limits.HeadBytes + Limits.HeadReceiveBytes];
    private int _start;
    private int _end;
    private int _headBytes;
    private bool _isBehindInterim;
    private bool _isConnected;
    private bool _isReusable;
    private bool _hasBegun;
    private bool _isDeferred;

    internal MemoryUpstream(LoopContext loop, MemoryPool pool)
    {
        (_loop, _pool) = (loop, pool);
        _body = new MemoryBody(Wire);
    }

    internal MemoryWire Wire { get; } = new();

    internal bool IsAbandoned { get; private set; }

    internal IUpstreamHolder? Holder { get; set; }

    internal override UpstreamPool Pool => _pool;

    internal override bool IsConnected => _isConnected;

    internal override bool HasSomething => Wire.HasSomething;

    internal override bool IsFull => Wire.IsFull;

    internal override bool PeerFinished => Wire.PeerFinished;

    internal override bool HungUp => Wire.IsReset;

    internal override int UnsentBytes => Wire.UnsentBytes;

    internal override bool IsPosted => false;

    internal override bool HasBegun => _hasBegun;

    internal override bool IsReusable => _isReusable;

    internal override bool IsBodyRead => _body.Ended;

    internal override bool HasMovedBody => _body.HasMoved;

    internal override bool HoldsBody => false;

    internal override ReadOnlySpan<byte> HeadBytes => _area.AsSpan(_start, _headBytes);

    /// <summary>What a loop does for a connection: tells its holder what has happened. Returns whether there was one to tell.</summary>
    internal bool Turn()
    {
        if (User is { } user)
        {
            bool isNew = !_isConnected;
            _isConnected = true;
            if (isNew)
            {
                user.OnConnected();
            }

            if (User == user)
            {
                user.OnUpstreamReady();
            }
        }
        else if (Wire.HasSomething || (Holder is null && _pool.Holds(this)))
        {
            _pool.Discard(this);
            return true;
        }

        return TakeDeferred();
    }

    internal override ResponseHeadResult ReadHead()
    {
        if (_isBehindInterim)
        {
            _start += _headBytes;
        }
        else
        {
            // What is held lies at the front.
            int got = Wire.Read(_area.AsSpan(_end, Limits.HeadReceiveBytes));
            if (got <= 0)
            {
                return got == -1 ? ResponseHeadResult.Partial : ResponseHeadResult.Ended;
            }

            _hasBegun = true;
            _end += got;
        }

        _isBehindInterim = false;
        _headBytes = 0;
        ParseResult parsed = _start == _end ? ParseResult.Partial : HeadParser.ParseResponse(_area.AsSpan(_start, _end - _start), _loop.ResponseHead);
        switch (parsed)
        {
            case ParseResult.Bad:
                return ResponseHeadResult.Malformed;
            case ParseResult.Partial:
                _area.AsSpan(_start, _end - _start).CopyTo(_area);
                (_start, _end) = (0, _end - _start);
                return ResponseHeadResult.Partial;
        }

        _headBytes = _loop.ResponseHead.Length;
        int status = _loop.ResponseHead.Status;
        _isBehindInterim = status < 200 && status != 101;
        return _isBehindInterim ? ResponseHeadResult.Interim : status == 101 ? ResponseHeadResult.Switching : ResponseHeadResult.Complete;
    }

    internal override bool BeginBody(BodyFraming framing, ConnectionOptions connection, bool decode, out ReadOnlySpan<byte> arrived)
    {
        Head head = _loop.ResponseHead;
        _body.Begin(framing, decode, isAnswer: true, dropTrailers: connection.Nominates);
        bool isSound = _body.Take(_area[(_start + _headBytes).._end], out byte[] kept);
        arrived = kept;
        bool saysLength = head.TryGet(KnownField.ContentLength, out HeaderField length) && !length.Value(HeadBytes).SequenceEqual("0"u8);
        bool is204WithBody = head.Status == 204 && (head.Has(KnownField.TransferEncoding) || saysLength);
        _isReusable = connection.Persists(head.MinorVersion) && framing.Kind != BodyKind.UntilClose && _body.Surplus.Length == 0 && !is204WithBody;
        return isSound;
    }

    internal override ReadOnlySpan<byte> TakeBehindHead() => _area.AsSpan((_start + _headBytes).._end);

    internal override RelayResult MoveBody(MessageStream to)
    {
        RelayResult result = _body.Move(to);
        _isReusable &= _body.Surplus.Length == 0;
        return result;
    }

    internal override bool LeaveBody(MessageStream to) => true;

    internal override bool TakeProgress() => _body.TakeProgress();

    internal override void BeginTunnel() => _body.Begin(BodyFraming.UntilClose, decode: false);

    internal override void ReleaseBody()
    {
        _body.Release();
        _start = _end = _headBytes = 0;
        _isBehindInterim = _hasBegun = _isReusable = false;
    }

    internal override bool Flush() => Wire.Flush();

    internal override bool Send(ReadOnlySpan<byte> piece) => Wire.Write(piece);

    internal override bool Post(ReadOnlySpan<byte> piece) => Wire.Write(piece);

    // All is taken, and what there is no room for is unsent: the one thing in which it is simpler than a socket.
    internal override bool IsAllUnsent(int posted) => UnsentBytes == posted;

    internal override int TrySend(ReadOnlySpan<byte> part) => Wire.Write(part) ? part.Length : -1;

    internal override bool AwaitPosted() => false;

    internal override void PushOut()
    {
    }

    internal override void FinishSending() => Wire.Finish();

    internal override bool IsQuiet() => !Wire.HasSomething;

    internal override bool IsClean() => UnsentBytes == 0 && IsQuiet();

    internal override bool IsReset() => Wire.IsReset;

    internal override void Defer() => _isDeferred = true;

    internal override void SetTimer(long at)
    {
        // Time does not pass here.
    }

    internal override void CountBytes()
    {
    }

    internal override void Abort() => Wire.Close(resets: true);

    internal override void Abandon(long deadline)
    {
        User = null;
        IsAbandoned = true;
    }

    internal override void LetGo()
    {
        Holder!.Held = null;
        Holder = null;
        Defer();
    }

    private bool TakeDeferred()
    {
        bool was = _isDeferred;
        _isDeferred = false;
        return was;
    }
}
