using Edge.Config;
using Edge.Http;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>
/// The part of a line of the access log that comes from the request's head. It is written while the head is there, because the loop's read area holds
/// other bytes when the request is over.
/// </summary>
internal sealed class AccessCapture(BufferPool buffers)
{
    private NativeBuffer _text;
    private int _before;
    private int _behind;

    /// <summary>The format for the present request; off if it is not logged.</summary>
    internal AccessLogFormat Format { get; private set; }

    /// <summary>Keeps the parts that the line needs.</summary>
    /// <param name="format">How the line looks.</param>
    /// <param name="data">The head's bytes.</param>
    /// <param name="head">Null if there is none that is sound.</param>
    /// <param name="noted">Where its noted fields are.</param>
    /// <param name="identity">What was made for the request; null if nothing was.</param>
    /// <param name="tls">The client's; null without TLS.</param>
    internal void Begin(
        AccessLogFormat format, ReadOnlySpan<byte> data, Head? head, ReadOnlySpan<ByteRange> noted, RequestIdentity? identity, TlsSession? tls)
    {
        Drop();
        Format = format;
        AccessTexts texts = default;
        if (tls is not null)
        {
            texts.TlsVersion = tls.Version == OpenSsl.TLS1_3_VERSION ? "1.3"u8 : "1.2"u8;
            texts.TlsSuite = tls.Suite;
            texts.TlsName = tls.ServerName;
            texts.IsTlsResumed = tls.IsResumed;
        }

        if (head is not null)
        {
            head.TryGet(KnownField.Host, out HeaderField host);
            texts.Method = data.Slice(head.Start, head.MethodLength);
            texts.Target = data.Slice(head.TargetStart, head.TargetLength);
            texts.MinorVersion = head.MinorVersion;
            texts.Host = host.Value(data);
            texts.UserAgent = noted[(int)NotedField.UserAgent].Of(data);
            texts.Referer = noted[(int)NotedField.Referer].Of(data);
            texts.RequestId = identity is { HasRequestId: true } ? identity.RequestId : noted[(int)NotedField.RequestId].Of(data);
            texts.TraceId = identity is { HasTrace: true } ? identity.TraceId : RequestIdentity.TraceIdOf(noted[(int)NotedField.TraceParent].Of(data));
        }

        _text = buffers.Rent(AccessLine.BytesToBegin(texts));
        (_before, _behind) = AccessLine.Begin(_text.Span, format, texts);
    }

    /// <summary>Puts the kept parts into a record, which is valid until <see cref="Drop"/>.</summary>
    internal void Fill(ref AccessRecord record)
    {
        ReadOnlySpan<byte> text = _text.Span;
        record.Before = text[.._before];
        record.Behind = text.Slice(_before, _behind);
    }

    /// <summary>Gives back what it holds.</summary>
    internal void Drop()
    {
        Format = AccessLogFormat.Off;
        buffers.Return(ref _text);
    }
}
