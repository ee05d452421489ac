using Edge.Io;

namespace Edge.Proxy;

/// <summary>A client's address as text, alone and in the lines that a request takes to its replica.</summary>
internal sealed class PeerText
{
    private readonly byte[] _lines = new byte[Before.Length + PeerAddress.TextBytesAtMost + BehindHttps.Length];
    private PeerAddress _peer;
    private int _textLength;
    private bool _isTls;

    private static ReadOnlySpan<byte> Before => "X-Forwarded-For: "u8;

    private static ReadOnlySpan<byte> BehindHttp => "\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: "u8;

    private static ReadOnlySpan<byte> BehindHttps => "\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: "u8;

    private ReadOnlySpan<byte> Behind => _isTls ? BehindHttps : BehindHttp;

    /// <summary>"http" or "https".</summary>
    internal ReadOnlySpan<byte> Scheme => _isTls ? "https"u8 : "http"u8;

    internal ReadOnlySpan<byte> Text => _lines.AsSpan(Before.Length, _textLength);

    /// <summary>See <see cref="Http.ForwardingContext.PeerLines"/>.</summary>
    internal ReadOnlySpan<byte> Lines => _lines.AsSpan(0, Before.Length + _textLength + Behind.Length);

    internal void Set(PeerAddress peer, bool isTls)
    {
        if (_textLength > 0 && _isTls == isTls && _peer.Equals(peer))
        {
            // Most requests come from the same client, or the same proxy, as the request before.
            return;
        }

        _peer = peer;
        _isTls = isTls;
        Before.CopyTo(_lines);
        _textLength = peer.Format(_lines.AsSpan(Before.Length));
        Behind.CopyTo(_lines.AsSpan(Before.Length + _textLength));
    }
}
