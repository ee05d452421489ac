using System.Diagnostics;
using System.Text;
using Edge.Config;
using Edge.Contract;
using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// A request for one of the balancer's own paths. The loop answers /heartbeat at once. It reads any other request whole and hands it to the control
/// plane; it goes on with other connections until the answer is in its mailbox.
/// </summary>
internal sealed class ControlExchange
{
    private readonly LoopContext _loop;
    private readonly ControlHandler _control;
    private readonly ClientStream _client;
    private Method? _heartbeat;
    private NativeBuffer _body;
    private int _bodyBytes;
    private ControlRequest? _request;
    private StreamedAnswer? _stream;
    private bool _waiting;

    // Of the request under way: an answer to another one finds nobody.
    private long _number;

    /// <param name="loop">Of the client.</param>
    /// <param name="control">Answers.</param>
    /// <param name="client">Whose requests they are.</param>
    internal ControlExchange(LoopContext loop, ControlHandler control, ClientStream client)
    {
        _loop = loop;
        _control = control;
        _client = client;
    }

    /// <summary>
    /// Whether a request with this path and query is for one of the balancer's own paths. On a host that leads to a service they are the service's, as
    /// <c>/add</c> may well be one of its own.
    /// </summary>
    internal static bool Serves(LoopContext loop, ListenerRole role, bool isTls, ReadOnlySpan<byte> host, ReadOnlySpan<byte> pathAndQuery)
    {
        if (role == ListenerRole.Both ? ControlPaths.Owns(PathOf(pathAndQuery)) && !loop.Routes.HasHost(host) : role == ListenerRole.Control)
        {
            return true;
        }

        // What a certificate authority comes for, over plain HTTP; all else below the same folder is the replicas'.
        return AcmeTokens.MayOwn(pathAndQuery) && !isTls && loop.Tokens.Find(PathOf(pathAndQuery)) is not null;
    }

    /// <summary>Takes a request whose head has been found sound.</summary>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">As it came.</param>
    /// <param name="facts">As derived from the head.</param>
    internal void Begin(ReadOnlySpan<byte> data, Head head, in RequestFacts facts)
    {
        Debug.Assert(_request is null && _stream is null && !_waiting && _body.IsEmpty);
        ReadOnlySpan<byte> target = facts.Path.Of(data);
        _number++;
        _bodyBytes = 0;
        if (facts.Body.Bytes > Limits.ControlBodyBytes)
        {
            LocalReply.Refuse(_client, MessageError.BodyTooLarge);
            return;
        }

        bool hasBody = facts.Body.Kind != BodyKind.None;
        if (facts.MaxForwards == 0 && hasBody)
        {
            AnswerAsLast(head.Method, isRead: false);
            return;
        }

        if (!_client.BeginBody(facts.Body, decode: true, long.MaxValue, dropTrailers: false, out ReadOnlySpan<byte> arrived))
        {
            LocalReply.Refuse(_client, MessageError.MalformedChunk);
            return;
        }

        if (facts.MaxForwards == 0)
        {
            AnswerAsLast(head.Method, isRead: true);
            return;
        }

        if (!hasBody && AcmeTokens.MayOwn(target) && _loop.Tokens.Find(PathOf(target)) is { } token)
        {
            AnswerToken(head.Method, token);
            return;
        }

        _heartbeat = ControlPaths.Heartbeat.Is(PathOf(target)) ? head.Method : null;
        if (_heartbeat is not null && !hasBody)
        {
            AnswerHeartbeat(head.Method);
            return;
        }

        _request = ToRequest(data, head, facts);
        if (!Collect(arrived) || _client.IsBodyRead)
        {
            return;
        }

        if (facts.ExpectsContinue)
        {
            _client.SendContinue();
        }

        _client.SetTimer(_loop.Now + _loop.Timeouts.BodyIdle);

        // The rest may be there already, and that is announced only once.
        OnClientReady();
    }

    /// <summary>More of the body may have arrived, or the client is gone.</summary>
    internal void OnClientReady()
    {
        if (_stream is not null)
        {
            _stream.OnClientReady();
            return;
        }

        if (_client.HungUp)
        {
            // The call goes on; its answer finds no client.
            Close();
            return;
        }

        while (!_waiting)
        {
            switch (_client.ReadBody(out ReadOnlySpan<byte> content))
            {
                case RelayResult.Blocked:
                    return;
                case RelayResult.SourceEnded:
                    Close();
                    return;
                case RelayResult.Malformed:
                    ReleaseBody();
                    LocalReply.Refuse(_client, MessageError.MalformedChunk);
                    return;
                default:
                    if (!Collect(content))
                    {
                        return;
                    }

                    break;
            }
        }
    }

    // False where the request was answered.
    private bool Collect(ReadOnlySpan<byte> content)
    {
        if (_bodyBytes + content.Length > Limits.ControlBodyBytes)
        {
            ReleaseBody();
            LocalReply.Refuse(_client, MessageError.BodyTooLarge);
            return false;
        }

        if (!content.IsEmpty)
        {
            if (_body.IsEmpty)
            {
                _body = _loop.Buffers.Rent(Limits.ControlBodyBytes);
            }

            content.CopyTo(_body.Span[_bodyBytes..]);
            _bodyBytes += content.Length;
        }

        return !_client.IsBodyRead || HandOver();
    }

    // False where the request was answered with that.
    private bool HandOver()
    {
        if (_heartbeat is { } method)
        {
            // With a body as without one: the control plane has no part in it.
            ReleaseBody();
            _request = null;
            _client.SetTimer(Pollable.Never);
            AnswerHeartbeat(method);
            return false;
        }

        ControlRequest request = _request! with { Body = _body.IsEmpty ? default : _body.Span[.._bodyBytes].ToArray() };
        ReleaseBody();
        _request = null;
        _waiting = true;
        _client.SetTimer(Pollable.Never);
        long number = _number;
        ThreadPool.UnsafeQueueUserWorkItem(_ => AskControlPlane(request, number), null);
        return true;
    }

    // An exception is a mistake in the control plane. Thrown here, it ends the process, so that no client waits for ever.
    private async void AskControlPlane(ControlRequest request, long number)
    {
        ControlResponse response = await _control(request).ConfigureAwait(false);
        _loop.Post(() => Deliver(number, response));
    }

    private void Deliver(long number, ControlResponse response)
    {
        if (!IsAt(number))
        {
            response.Stream?.Abandon();
        }
        else
        {
            Answer(response);
        }
    }

    /// <summary>Whether the request of this number is the one under way, and its client there: what comes from another thread may come too late.</summary>
    private bool IsAt(long number) => number == _number && !_client.IsClosed;

    private void Answer(ControlResponse response)
    {
        _waiting = false;

        // What is large goes piece by piece, so that a client that reads slowly does not have all of it held in the loop.
        ControlStream? large = response.Body.Length > Limits.OwnBodyBytes ? ControlStream.Of(response.Body) : null;
        if ((response.Stream ?? large) is { } stream)
        {
            _stream = new StreamedAnswer(_loop, _client, stream, this, _number);
            _stream.Begin(response.Status, response.Fields);
            return;
        }

        _client.Reply(response.Status, response.Body.Span, response.Fields, keepAlive: true, requestRead: true);
    }

    /// <summary>One more piece of the answer has arrived. A piece of an earlier answer is ignored.</summary>
    internal void OnPiece(long number, ReadOnlySpan<byte> piece)
    {
        if (!IsAt(number) || _stream is not { } stream)
        {
            return;
        }

        if (piece.IsEmpty)
        {
            // Before the end, because the next request may begin after it.
            _stream = null;
        }

        stream.OnPiece(piece);
    }

    /// <summary>The process ends: an answer without end is ended.</summary>
    internal void OnDraining() => _stream?.OnDraining();

    /// <summary>The process ends now: the call goes on until then, and its answer would find no client.</summary>
    internal void OnProcessEnds()
    {
        if (_stream is not null)
        {
            Close();
            return;
        }

        bool isRead = _client.IsBodyRead;
        Release();
        LocalReply.SayEnds(_client, isRead);
    }

    private void AnswerHeartbeat(Method method)
    {
        if (method is not (Method.Get or Method.Head))
        {
            Span<byte> body = stackalloc byte[LocalReply.ErrorBytesAtMost];
            _client.Reply(405, LocalReply.WriteError(body, default, "/heartbeat takes GET and HEAD"u8),
                LocalReply.JsonAllowRead, keepAlive: true, requestRead: true);
            return;
        }

        _client.Reply(_loop.Draining && !_loop.HandedOver ? 503 : 200, default, [], keepAlive: true, requestRead: true);
    }

    // RFC 8555 §8.3.
    private void AnswerToken(Method method, byte[] token)
    {
        if (method is Method.Get or Method.Head)
        {
            _client.Reply(200, token, LocalReply.Octets, keepAlive: true, requestRead: true);
            return;
        }

        _client.Reply(405, default, LocalReply.AllowRead, keepAlive: true, requestRead: true);
    }

    // RFC 9110 §7.6.2: the recipient of an OPTIONS or TRACE that may not be forwarded answers it. The request is not sent back to the client, because
    // a page's script could read its cookies in that way (§9.3.8).
    private void AnswerAsLast(Method method, bool isRead) =>
        _client.Reply(method == Method.Options ? 200 : 405, default, LocalReply.AllowForwarded, keepAlive: isRead, requestRead: isRead);

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
        _client.Close();
    }

    /// <summary>The request is over, or its client is gone: gives back what it holds, and what is still to come for it finds nobody.</summary>
    internal void Release()
    {
        _number++;
        _waiting = false;
        _request = null;
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
