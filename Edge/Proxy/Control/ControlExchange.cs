using System.Text;
using Edge.Config;
using Edge.Contract;
using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// A request for one of the balancer's own paths. /heartbeat is answered at once; any other is read whole and handed to
/// the control plane, and the loop goes on with other connections until the answer is in its mailbox.
/// </summary>
internal sealed class ControlExchange
{
    private readonly LoopContext _loop;
    private readonly ClientConnection _client;
    private BodyRelay _framing;
    private Method? _heartbeat;
    private NativeBuffer _body;
    private int _bodyBytes;
    private ControlRequest? _request;
    private StreamedAnswer? _stream;
    private bool _keepAlive;
    private bool _isChunked;
    private bool _waiting;

    internal ControlExchange(LoopContext loop, ClientConnection client)
    {
        _loop = loop;
        _client = client;
    }

    /// <summary>Whether a request with this path and query is the balancer's own.</summary>
    internal static bool Serves(ListenerRole role, ReadOnlySpan<byte> pathAndQuery)
    {
        if (role != ListenerRole.Both)
        {
            return role == ListenerRole.Control;
        }

        return ControlPaths.Owns(PathOf(pathAndQuery));
    }

    internal unsafe void Begin(byte* data, int length, Head head, in RequestFacts facts)
    {
        var headBytes = new ReadOnlySpan<byte>(data, head.Length);
        ReadOnlySpan<byte> target = facts.Path.Of(headBytes);
        _keepAlive = facts.KeepAlive;
        _isChunked = head.MinorVersion > 0;
        _waiting = false;
        _bodyBytes = 0;
        _framing.Begin(facts.Body, decode: true);
        if (facts.Body.Bytes > Limits.ControlBodyBytes)
        {
            LocalReply.Refuse(_client, MessageError.BodyTooLarge);
            return;
        }

        if (facts.MaxForwards == 0)
        {
            _client.KeepAhead(data + head.Length, _framing.Ended ? length - head.Length : 0);
            AnswerAsLast(head.Method);
            return;
        }

        _heartbeat = ControlPaths.Heartbeat.Is(PathOf(target)) ? head.Method : null;
        if (_heartbeat is not null && _framing.Ended)
        {
            _client.KeepAhead(data + head.Length, length - head.Length);
            AnswerHeartbeat(head.Method);
            return;
        }

        _request = ToRequest(headBytes, head, facts);
        if (!Collect(data + head.Length, length - head.Length))
        {
            return;
        }

        if (!_framing.Ended && facts.ExpectsContinue)
        {
            fixed (byte* text = "HTTP/1.1 100 Continue\r\n\r\n"u8)
            {
                _client.Send(text, "HTTP/1.1 100 Continue\r\n\r\n"u8.Length);
            }
        }

        if (!_framing.Ended)
        {
            _loop.Timers.Arm(_client, _loop.Now + _loop.Timeouts.BodyIdle);
            // The rest may be there already, and the kernel announces it only once.
            OnClientReady();
        }
    }

    /// <summary>More of the body may have come, or the client is gone.</summary>
    internal unsafe void OnClientReady()
    {
        if (_stream is not null)
        {
            _stream.OnClientReady();
            return;
        }

        if (_client.HungUp)
        {
            // What was asked for goes on; the answer finds nobody.
            Close();
            return;
        }

        while (!_waiting && _client.Readable)
        {
            byte* area = _loop.ReadArea;
            int got = _client.Receive(area, LoopContext.ReceiveBytes);
            if (got == Connection.WouldBlock)
            {
                return;
            }

            if (got <= 0)
            {
                Close();
                return;
            }

            if (!Collect(area, got))
            {
                return;
            }
        }
    }

    // False where the request was answered, with a refusal.
    private unsafe bool Collect(byte* data, int length)
    {
        if (!_framing.Take(new Span<byte>(data, length), out int taken, out int kept))
        {
            ReleaseBody();
            LocalReply.Refuse(_client, MessageError.MalformedChunk);
            return false;
        }

        if (_bodyBytes + kept > Limits.ControlBodyBytes)
        {
            ReleaseBody();
            LocalReply.Refuse(_client, MessageError.BodyTooLarge);
            return false;
        }

        if (kept > 0)
        {
            if (_body.IsEmpty)
            {
                _body = _loop.Buffers.Rent(Limits.ControlBodyBytes);
            }

            new ReadOnlySpan<byte>(data, kept).CopyTo(_body.Span[_bodyBytes..]);
            _bodyBytes += kept;
        }

        if (_framing.Ended)
        {
            _client.KeepAhead(data + taken, length - taken);
            HandOver();
        }

        return true;
    }

    private void HandOver()
    {
        if (_heartbeat is { } method)
        {
            // With a body as without one: the control plane has no part in it.
            ReleaseBody();
            _request = null;
            _loop.Timers.Arm(_client, Pollable.Never);
            AnswerHeartbeat(method);
            return;
        }

        ControlRequest request = _request! with { Body = _body.IsEmpty ? default : _body.Span[.._bodyBytes].ToArray() };
        ReleaseBody();
        _request = null;
        _waiting = true;
        _loop.Timers.Arm(_client, Pollable.Never);
        (LoopContext loop, int slot, uint generation) = (_loop, _client.Slot, _client.Generation);
        ThreadPool.UnsafeQueueUserWorkItem(_ => AskControlPlane(loop, request, slot, generation), null);
    }

    // An exception is a bug of the control plane, and being thrown here it ends the process; nobody is left waiting.
    private static async void AskControlPlane(LoopContext loop, ControlRequest request, int slot, uint generation)
    {
        ControlResponse response = await loop.Control(request).ConfigureAwait(false);
        loop.Post(() => Deliver(loop.FindLocal(slot, generation), response));
    }

    private static void Deliver(ControlExchange? local, ControlResponse response)
    {
        if (local is null)
        {
            response.Stream?.Abandon();
        }
        else
        {
            local.Answer(response);
        }
    }

    private void Answer(ControlResponse response)
    {
        _waiting = false;
        if (response.Stream is { } stream)
        {
            _stream = new StreamedAnswer(_loop, _client, stream, _keepAlive && !_loop.Draining, _isChunked);
            _stream.Begin(response.Status, response.Fields);
            return;
        }

        if (response.Body.Length > Limits.OwnBodyBytes)
        {
            _client.ReplyLocally(500, default, [], keepAlive: false, requestRead: true);
            return;
        }

        _client.ReplyLocally(response.Status, response.Body.Span, response.Fields, _keepAlive, requestRead: true);
    }

    /// <summary>One more piece of the answer is there; one that is meant for an earlier answer is nobody's.</summary>
    internal void OnPiece(ControlStream of, ReadOnlySpan<byte> piece)
    {
        if (_stream is not { } stream || !stream.IsOf(of))
        {
            return;
        }

        if (piece.IsEmpty)
        {
            // Before the end, after which the next request may begin.
            _stream = null;
        }

        stream.OnPiece(piece);
    }

    /// <summary>The process ends: an answer without end gets one.</summary>
    internal void OnDraining() => _stream?.OnDraining();

    /// <summary>The process ends now: what was asked for goes on as long as that, and the answer would find nobody.</summary>
    internal void OnProcessEnds()
    {
        if (_stream is not null)
        {
            Close();
            return;
        }

        bool isRead = _framing.Ended;
        ReleaseBody();
        _request = null;
        LocalReply.SayEnds(_client, isRead);
    }

    private void AnswerHeartbeat(Method method)
    {
        if (method is not (Method.Get or Method.Head))
        {
            Span<byte> body = stackalloc byte[LocalReply.ErrorBytesAtMost];
            _client.ReplyLocally(405, LocalReply.WriteError(body, default, "/heartbeat takes GET and HEAD"u8),
                LocalReply.JsonAllowRead, _keepAlive, requestRead: true);
            return;
        }

        _client.ReplyLocally(_loop.Draining && !_loop.HandedOver ? 503 : 200, default, [], _keepAlive, requestRead: true);
    }

    // RFC 9110 §7.6.2: whoever gets OPTIONS or TRACE that may not be forwarded answers it. What a client has sent is not read
    // back to it: a page's script could get at its cookies so (§9.3.8).
    private void AnswerAsLast(Method method) =>
        _client.ReplyLocally(method == Method.Options ? 200 : 405, default, LocalReply.AllowForwarded, _keepAlive && _framing.Ended, _framing.Ended);

    private ControlRequest ToRequest(ReadOnlySpan<byte> headBytes, Head head, in RequestFacts facts)
    {
        ReadOnlySpan<byte> target = facts.Path.Of(headBytes);
        ReadOnlySpan<byte> path = PathOf(target);
        ReadOnlySpan<byte> query = target.Length > path.Length ? target[(path.Length + 1)..] : default;
        bool authorized = head.TryGet(KnownField.Authorization, out HeaderField authorization)
            && !head.IsRepeated(KnownField.Authorization);
        return new ControlRequest(
            Encoding.ASCII.GetString(headBytes.Slice(head.Start, head.MethodLength)),
            path.IsEmpty ? "/" : Encoding.ASCII.GetString(path),
            Encoding.ASCII.GetString(query),
            authorized ? Encoding.Latin1.GetString(authorization.Value(headBytes)) : null,
            Encoding.ASCII.GetString(facts.Host.Of(headBytes)),
            _client.Peer.ToIPAddress(),
            default)
        {
            Fields = FieldsOf(headBytes, head),
            IsProxied = _client.IsProxied,
        };
    }

    private static KeyValuePair<string, string>[] FieldsOf(ReadOnlySpan<byte> headBytes, Head head)
    {
        var fields = new KeyValuePair<string, string>[head.FieldCount];
        for (int i = 0; i < fields.Length; i++)
        {
            HeaderField field = head.Fields[i];
            fields[i] = new(Encoding.Latin1.GetString(field.Name(headBytes)), Encoding.Latin1.GetString(field.Value(headBytes)));
        }

        return fields;
    }

    private void Close()
    {
        Release();
        _request = null;
        _client.Close();
    }

    /// <summary>Gives back what it holds; also when the client is closed in the middle of a body.</summary>
    internal void Release()
    {
        ReleaseBody();
        _stream?.Abandon();
        _stream = null;
    }

    private void ReleaseBody()
    {
        _loop.Buffers.Return(ref _body);
        _bodyBytes = 0;
    }

    private static ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> target)
    {
        int query = target.IndexOf((byte)'?');
        return query < 0 ? target : target[..query];
    }
}
