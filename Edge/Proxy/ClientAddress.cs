using Edge.Io;

namespace Edge.Proxy;

/// <summary>Who a client is, as the balancer knows it: its address, the same as text, and whether it is believed.</summary>
internal sealed class ClientAddress
{
    private readonly byte[] _text = new byte[PeerAddress.TextBytesAtMost];
    private int _textLength;

    internal PeerAddress Peer { get; private set; }

    /// <summary>Its X-Forwarded-* fields are believed and appended to.</summary>
    internal bool IsTrusted { get; private set; }

    internal ReadOnlySpan<byte> Text => _text.AsSpan(0, _textLength);

    internal void Set(PeerAddress peer, bool isTrusted)
    {
        Peer = peer;
        IsTrusted = isTrusted;
        _textLength = peer.Format(_text);
    }
}
