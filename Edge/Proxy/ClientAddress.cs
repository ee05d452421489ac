using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// Who a client is, as the balancer knows it: its address, the same as text, and whether it is believed. The address is that at
/// the other end of the connection, or the one that a trusted proxy names there.
/// </summary>
internal sealed class ClientAddress
{
    private readonly byte[] _lines = new byte[Before.Length + PeerAddress.TextBytesAtMost + Behind.Length];
    private int _textLength;

    private static ReadOnlySpan<byte> Before => "X-Forwarded-For: "u8;

    private static ReadOnlySpan<byte> Behind => "\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: "u8;

    internal PeerAddress Peer { get; private set; }

    /// <summary>Its X-Forwarded-* fields are believed and appended to.</summary>
    internal bool IsTrusted { get; private set; }

    /// <summary>
    /// The connection began with a header of the PROXY protocol: who asks is not who is at the other end of the socket, even
    /// where the header does not say who it is.
    /// </summary>
    internal bool IsProxied { get; private set; }

    internal ReadOnlySpan<byte> Text => _lines.AsSpan(Before.Length, _textLength);

    /// <summary>As in <see cref="Http.ForwardingContext.PeerLines"/>.</summary>
    internal ReadOnlySpan<byte> Lines => _lines.AsSpan(0, Before.Length + _textLength + Behind.Length);

    internal void Set(PeerAddress peer, bool isTrusted, bool isProxied)
    {
        IsProxied = isProxied;
        Peer = peer;
        IsTrusted = isTrusted;
        Before.CopyTo(_lines);
        _textLength = peer.Format(_lines.AsSpan(Before.Length));
        Behind.CopyTo(_lines.AsSpan(Before.Length + _textLength));
    }
}
