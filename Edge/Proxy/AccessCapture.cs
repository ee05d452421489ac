using Edge.Http;
using Edge.Io;
using Edge.Observability;

namespace Edge.Proxy;

/// <summary>
/// What a line of the access log needs of a request's head, kept until the request is over: by then, the loop's read area has
/// other bytes in it.
/// </summary>
internal sealed class AccessCapture(BufferPool buffers)
{
    private NativeBuffer _text;
    private int _method;
    private int _target;
    private int _host;
    private int _requestId;
    private int _traceId;
    private int _userAgent;
    private int _referer;
    private int _minorVersion;

    /// <summary>Whether the request under way is logged.</summary>
    internal bool IsOn { get; private set; }

    /// <summary>Keeps what is needed.</summary>
    /// <param name="data">The head's bytes.</param>
    /// <param name="head">Null where there is none that is sound.</param>
    /// <param name="noted">Where its noted fields are.</param>
    /// <param name="identity">What was made for the request, and is kept with it; null where nothing was.</param>
    internal void Begin(ReadOnlySpan<byte> data, Head? head, ReadOnlySpan<Piece> noted, RequestIdentity? identity)
    {
        Drop();
        IsOn = true;
        if (head is null)
        {
            return;
        }

        head.TryGet(KnownField.Host, out HeaderField host);
        _method = head.MethodLength;
        _target = Math.Min(head.TargetLength, AccessLine.TargetBytes);
        _minorVersion = head.MinorVersion;
        _text = buffers.Rent(_method + 1 + _target + 5 * AccessLine.TextBytes);
        Span<byte> text = _text.Span;

        // As they stand, with the space between them.
        data.Slice(head.Start, _method + 1 + _target).CopyTo(text);
        text = text[(_method + 1 + _target)..];
        _host = Keep(ref text, host.Value(data));
        _userAgent = Keep(ref text, noted[(int)NotedField.UserAgent].Of(data));
        _referer = Keep(ref text, noted[(int)NotedField.Referer].Of(data));
        _requestId = Keep(ref text, identity is { HasRequestId: true } ? default : noted[(int)NotedField.RequestId].Of(data));
        ReadOnlySpan<byte> trace = identity is { HasTrace: true } ? default : noted[(int)NotedField.TraceParent].Of(data);
        _traceId = Keep(ref text, RequestIdentity.IsTrace(trace) ? trace[3..35] : default);
    }

    /// <summary>Puts what was kept into a record, which is good until <see cref="Drop"/>.</summary>
    internal void Fill(ref AccessRecord record, RequestIdentity? identity)
    {
        if (_text.IsEmpty)
        {
            return;
        }

        ReadOnlySpan<byte> text = _text.Span;
        record.MinorVersion = _minorVersion;
        record.Method = text[.._method];
        record.Target = text.Slice(_method + 1, _target);
        text = text[(_method + 1 + _target)..];
        record.Host = Take(ref text, _host);
        record.UserAgent = Take(ref text, _userAgent);
        record.Referer = Take(ref text, _referer);
        ReadOnlySpan<byte> requestId = Take(ref text, _requestId), traceId = Take(ref text, _traceId);
        record.RequestId = identity is { HasRequestId: true } ? identity.RequestId : requestId;
        record.TraceId = identity is { HasTrace: true } ? identity.TraceId : traceId;
    }

    /// <summary>Gives back what it holds.</summary>
    internal void Drop()
    {
        IsOn = false;
        buffers.Return(ref _text);
    }

    private static int Keep(ref Span<byte> to, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return 0;
        }

        int length = Math.Min(text.Length, AccessLine.TextBytes);
        text[..length].CopyTo(to);
        to = to[length..];
        return length;
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> text, int length)
    {
        ReadOnlySpan<byte> taken = text[..length];
        text = text[length..];
        return taken;
    }
}
