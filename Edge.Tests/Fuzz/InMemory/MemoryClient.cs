using Edge.Config;
using Edge.Http;
using Edge.Io;
using Edge.Proxy;

namespace Edge.Tests.Fuzz;

/// <summary>A client that lies on two queues of bytes: connection and stream in one, since there is one request at a time.</summary>
internal sealed partial class MemoryClient : ClientStream, IUpstreamHolder
{
    // What one read takes: so little that heads come in several.
    private const int ReadBytes = 1021;

    private readonly LoopContext _loop;
    private readonly MemoryBody _body;
    private readonly RequestHandlers _handlers;
    private readonly byte[] _area = new byte[Limits.HeadBytes + ReadBytes];
    private byte[] _ahead = [];
    private byte[] _behindHead = [];
    private UpstreamStream? _held;
    private State _state;
    private bool _isPartial;
    private bool _isHead;
    private bool _mayKeepAlive;
    private bool _knowsHttp11;
    private bool _keepsAlive;
    private bool _isEndDelimited;
    private bool _resetsAtEnd;

    internal MemoryClient(ProxyLoop loop)
    {
        _loop = loop.Context;
        _body = new MemoryBody(Wire);
        _handlers = loop.NewHandlers(this);
    }

    private enum State
    {
        Reading,
        Forwarding,
        Own,
        Ending,
    }

    internal MemoryWire Wire { get; } = new();

    internal override RequestContext Context => _handlers.Context;

    internal override PeerAddress Peer => default;

    internal override bool IsTrusted => false;

    internal override bool IsTls => false;

    internal override ReadOnlySpan<byte> CertificateSubject => default;

    internal override bool IsProxied => false;

    internal override bool IsClosed => Wire.IsClosed;

    internal override IUpstreamHolder Holder => this;

    internal override UpstreamStream? Held => _held;

    UpstreamStream? IUpstreamHolder.Held
    {
        get => _held;
        set => _held = value;
    }

    internal override long BytesSent => Wire.Sent;

    internal override bool HasUnacknowledged => Wire.HasUntaken;

    internal override bool PeerFinished => Wire.PeerFinished;

    internal override bool HungUp => Wire.IsReset;

    internal override int UnsentBytes => Wire.UnsentBytes;

    internal override bool IsPosted => false;

    internal override bool IsBodyRead => _body.Ended;

    internal override bool HasMovedBody => _body.HasMoved;

    internal override long BodyBytes => _body.Bytes;

    internal override bool IsBodyTooLarge => _body.IsTooLarge;

    internal override bool TakesChunks => _knowsHttp11;

    internal override bool KeepsAlive => _keepsAlive;

    internal override bool IsEndDelimited => _isEndDelimited;

    /// <summary>What a loop does for a connection: lets what is under way go on, or reads the next request.</summary>
    internal void Turn()
    {
        if (Wire.IsClosed)
        {
            return;
        }

        switch (_state)
        {
            case State.Forwarding:
                _handlers.Exchange.OnClientReady();
                break;
            case State.Own:
                _handlers.Control.OnClientReady();
                break;
            case State.Ending:
                PumpEnd();
                break;
            default:
                ReadRequests();
                break;
        }
    }

    private void ReadRequests()
    {
        while (_state == State.Reading && !Wire.IsClosed)
        {
            if (!Wire.Flush())
            {
                Close();
            }
            else if (UnsentBytes > 0 || !ReadHead())
            {
                return;
            }
        }
    }

    // False where there is nothing to read.
    private bool ReadHead()
    {
        _ahead.CopyTo(_area, 0);
        int length = _ahead.Length;
        if (length == 0 || _isPartial)
        {
            int got = Wire.Read(_area.AsSpan(length, ReadBytes));
            if (got <= 0)
            {
                if (got != -1)
                {
                    Close();
                }

                return false;
            }

            length += got;
        }

        ReadOnlySpan<byte> data = _area.AsSpan(0, length);
        Head head = _loop.RequestHead;
        ParseResult parsed = _loop.ClientLimits.Bound(HeadParser.ParseRequest(data, head), data, head);
        _isPartial = parsed == ParseResult.Partial;
        _ahead = _isPartial ? data.ToArray() : [];
        if (parsed == ParseResult.Complete)
        {
            Begin(data, head);
        }
        else if (parsed == ParseResult.Bad)
        {
            _isHead = false;
            BeginAccounting(default, null);
            LocalReply.Refuse(this, head.MessageError);
        }

        return true;
    }

    private void BeginAccounting(ReadOnlySpan<byte> data, Head? head)
    {
        Context.Begin();
        Context.Accounting.Begin(data, head, tls: null);
    }

    private void Begin(ReadOnlySpan<byte> data, Head head)
    {
        ReadOnlySpan<byte> headBytes = data[..head.Length];
        _behindHead = data[head.Length..].ToArray();
        BeginAccounting(headBytes, head);
        _isHead = head.Method == Method.Head;
        MessageError refusal = RequestFacts.Derive(headBytes, head, new RequestRules(IsTrusted, _loop.Settings.ConnectIsUnknown), out RequestFacts facts);
        if (refusal != MessageError.None)
        {
            LocalReply.Refuse(this, refusal);
            return;
        }

        _mayKeepAlive = facts.KeepAlive;
        _knowsHttp11 = head.MinorVersion > 0;
        if (facts.MaxForwards == 0)
        {
            _state = State.Own;
            _handlers.Control.Begin(headBytes, head, facts);
        }
        else
        {
            _state = State.Forwarding;
            _handlers.Exchange.Begin(headBytes, head, facts);
        }
    }

    internal override bool BeginBody(BodyFraming framing, bool decode, long contentAtMost, bool dropTrailers, out ReadOnlySpan<byte> arrived)
    {
        _body.Begin(framing, decode, contentAtMost, dropTrailers: dropTrailers);
        bool isSound = _body.Take(_behindHead, out byte[] kept);
        arrived = kept;
        KeepSurplus();
        return isSound;
    }

    internal override RelayResult MoveBody(MessageStream to)
    {
        RelayResult result = _body.Move(to);
        KeepSurplus();
        return result;
    }

    internal override RelayResult ReadBody(out ReadOnlySpan<byte> content)
    {
        RelayResult result = _body.Read(out content);
        KeepSurplus();
        return result;
    }

    private void KeepSurplus()
    {
        if (_body.Surplus.Length > 0)
        {
            (_ahead, _isPartial) = (_body.Surplus, false);
        }
    }

    internal override bool TakeProgress() => _body.TakeProgress();

    internal override void BeginTunnel() => _body.Begin(BodyFraming.UntilClose, decode: false);

    internal override ReadOnlySpan<byte> TakeAhead()
    {
        byte[] ahead = _ahead;
        _ahead = [];
        return ahead;
    }

    internal override void ReleaseBody() => _body.Release();

    internal override void SendContinue() => Wire.Write("HTTP/1.1 100 Continue\r\n\r\n"u8);

    internal override bool SendInterim(in ResponseHead head)
    {
        if (_knowsHttp11)
        {
            int length = HeadWriter.WriteResponse(_loop.Scratch, head.Data, head.Head, head.Connection, new RelayContext { ViaLine = head.ViaLine });
            Wire.Write(_loop.Scratch[..length]);
        }

        return _knowsHttp11;
    }

    internal override bool SendHead(in ResponseHead head, ReadOnlySpan<byte> arrived)
    {
        bool isChunked = head.Body == BodyKind.Chunked;
        _isEndDelimited = head.Body == BodyKind.UntilClose || (isChunked && !_knowsHttp11);
        _keepsAlive = _mayKeepAlive && !_isEndDelimited && (head.IsRequestDone || head.RequestGoesOn);
        int length = HeadWriter.WriteResponse(_loop.Scratch, head.Data, head.Head, head.Connection, new RelayContext
        {
            ReplicaLine = head.ReplicaLine,
            ViaLine = head.ViaLine,
            Fixed = Context.FixedFields,
            Date = _loop.Date,
            IsChunked = isChunked && _knowsHttp11,
            Close = !_keepsAlive,
            SayKeepAlive = !_knowsHttp11,
        });
        return Wire.Write(_loop.Scratch[..length]) && Wire.Write(arrived);
    }

    internal override void EndAccounting() => Context.Accounting.End(Wire.Received, Wire.Sent);

    internal override void CountBytes()
    {
    }

    internal override void SetTimer(long at)
    {
        // Time does not pass here.
    }

    internal override bool Flush() => Wire.Flush();

    internal override bool Send(ReadOnlySpan<byte> piece) => Wire.Write(piece);

    internal override bool Post(ReadOnlySpan<byte> piece) => Wire.Write(piece);

    internal override void PushOut()
    {
    }

    internal override void FinishSending() => Wire.Finish();

    internal override bool IsReset() => Wire.IsReset;

    internal override void Reply(int status, ReadOnlySpan<byte> body, IReadOnlyList<KeyValuePair<string, string>> fields, bool keepAlive, bool requestRead)
    {
        Context.Accounting.Status = status;
        bool goesOn = keepAlive && _mayKeepAlive;
        if (Wire.Write(Http1LocalReply.WriteHead(_loop, status, body.Length, fields, goesOn, isTls: false)) && (_isHead || Wire.Write(body)))
        {
            OnAnswered(goesOn, requestRead);
        }
        else
        {
            Close();
        }
    }

    internal override bool BeginReply(int status, IReadOnlyList<KeyValuePair<string, string>> fields, bool keepAlive) =>
        throw new NotSupportedException("nothing here has an answer in pieces");

    internal override bool SendPiece(ReadOnlySpan<byte> piece) => throw new NotSupportedException("nothing here has an answer in pieces");
}
