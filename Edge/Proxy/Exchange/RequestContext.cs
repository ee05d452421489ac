using Edge.Http;

namespace Edge.Proxy;

/// <summary>
/// What a client's connection needs for as long as it has a request, and no longer. The loop lends it, the last one that came
/// back first: a connection that idles holds none of it, and however many connections take turns, they go through the memory of
/// as many of these as have a request at one time.
/// </summary>
internal sealed class RequestContext
{
    private readonly LoopContext _loop;

    internal RequestContext(LoopContext loop)
    {
        _loop = loop;
        Accounting = new RequestAccounting(loop, this);
        Exchange = new Exchange(loop, this);
    }

    /// <summary>Whose request it is.</summary>
    internal ClientConnection Client { get; private set; } = null!;

    internal RequestAccounting Accounting { get; }

    internal Exchange Exchange { get; }

    internal PeerText Peer { get; } = new();

    /// <param name="minorVersion">In which the request came.</param>
    internal ForwardingContext ForwardingContext(int minorVersion) => new()
    {
        Identity = Accounting.Identity is { } made ? made.Lines : default,
        LeavesOut = LeavesOut,
        Peer = Peer.Text,
        PeerLines = Peer.Lines,
        PeerIsTrusted = Client.IsTrusted,
        DefaultHost = _loop.DefaultHost,
        ViaLine = _loop.ViaToReplicas(minorVersion),
    };

    private LeftOut LeavesOut => (_loop.RemovesUnderscores ? LeftOut.Underscored : LeftOut.None)
        | (Accounting.Identity is { } made ? (made.HasRequestId ? LeftOut.RequestId : LeftOut.None) | (made.HasTrace ? LeftOut.Trace : LeftOut.None) : LeftOut.None);

    /// <summary>A client borrows it.</summary>
    internal void Lend(ClientConnection client)
    {
        Client = client;
        Peer.Set(client.Peer);
    }

    /// <summary>It is free again: the request is over, or its client has gone.</summary>
    internal void Return()
    {
        Client = null!;
        Exchange.Forget();
    }
}
