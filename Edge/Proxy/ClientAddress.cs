using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// Who a client is, as the balancer knows it: its address, the same as text, and whether it is believed. The address is that at
/// the other end of the connection, or the one that a trusted proxy names there.
/// </summary>
internal sealed class ClientAddress
{
    private readonly byte[] _text = new byte[PeerAddress.TextBytesAtMost];
    private int _textLength;

    internal PeerAddress Peer { get; private set; }

    /// <summary>Its X-Forwarded-* fields are believed and appended to.</summary>
    internal bool IsTrusted { get; private set; }

    /// <summary>
    /// The connection began with a header of the PROXY protocol: who asks is not who is at the other end of the socket, even
    /// where the header does not say who it is.
    /// </summary>
    internal bool IsProxied { get; private set; }

    internal ReadOnlySpan<byte> Text => _text.AsSpan(0, _textLength);

    internal void Set(PeerAddress peer, bool isTrusted, bool isProxied)
    {
        IsProxied = isProxied;
        Peer = peer;
        IsTrusted = isTrusted;
        _textLength = peer.Format(_text);
    }
}
