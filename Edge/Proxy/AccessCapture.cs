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
    private int _used;
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
    /// <param name="identity">What was made for the request; null where nothing was.</param>
    internal void Begin(ReadOnlySpan<byte> data, Head? head, ReadOnlySpan<Piece> noted, RequestIdentity? identity)
    {
        Drop();
        IsOn = true;
        if (head is null)
        {
            return;
        }

        head.TryGet(KnownField.Host, out HeaderField host);
        int target = Math.Min(head.TargetLength, AccessLine.TargetBytes);
        _text = buffers.Rent(target + 7 * AccessLine.TextBytes);
        _minorVersion = head.MinorVersion;
        _method = Keep(data.Slice(head.Start, head.MethodLength), AccessLine.TextBytes);
        _target = Keep(data.Slice(head.TargetStart, head.TargetLength), AccessLine.TargetBytes);
        _host = Keep(host.Value(data), AccessLine.TextBytes);
        ReadOnlySpan<byte> trace = noted[(int)NotedField.TraceParent].Of(data);
        _requestId = Keep(identity is { HasRequestId: true } ? identity.RequestId : noted[(int)NotedField.RequestId].Of(data), AccessLine.TextBytes);
        _traceId = Keep(identity is { HasTrace: true } ? identity.TraceId : RequestIdentity.IsTrace(trace) ? trace[3..35] : default, AccessLine.TextBytes);
        _userAgent = Keep(noted[(int)NotedField.UserAgent].Of(data), AccessLine.TextBytes);
        _referer = Keep(noted[(int)NotedField.Referer].Of(data), AccessLine.TextBytes);
    }

    /// <summary>Puts what was kept into a record, which is good until <see cref="Drop"/>.</summary>
    internal void Fill(ref AccessRecord record)
    {
        if (_text.IsEmpty)
        {
            return;
        }

        record.MinorVersion = _minorVersion;
        ReadOnlySpan<byte> text = _text.Span;
        record.Method = Take(ref text, _method);
        record.Target = Take(ref text, _target);
        record.Host = Take(ref text, _host);
        record.RequestId = Take(ref text, _requestId);
        record.TraceId = Take(ref text, _traceId);
        record.UserAgent = Take(ref text, _userAgent);
        record.Referer = Take(ref text, _referer);
    }

    /// <summary>Gives back what it holds.</summary>
    internal void Drop()
    {
        IsOn = false;
        _used = 0;
        buffers.Return(ref _text);
    }

    private int Keep(ReadOnlySpan<byte> text, int atMost)
    {
        if (text.IsEmpty)
        {
            return 0;
        }

        text = text[..Math.Min(text.Length, atMost)];
        text.CopyTo(_text.Span[_used..]);
        _used += text.Length;
        return text.Length;
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> text, int length)
    {
        ReadOnlySpan<byte> taken = text[..length];
        text = text[length..];
        return taken;
    }
}
