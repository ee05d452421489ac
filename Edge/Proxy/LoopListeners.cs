using System.Net;
using System.Text;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>The listening sockets of one loop.</summary>
internal sealed class LoopListeners
{
    private readonly List<Listener> _all = [];

    internal IReadOnlyList<Listener> All => _all;

    /// <summary>The host for a request without one: the first address where the loop listens for clients without TLS.</summary>
    internal byte[] DefaultHost { get; private set; } = [];

    /// <summary>The same with TLS.</summary>
    internal byte[] DefaultTlsHost { get; private set; } = [];

    /// <summary>The port of the first of those with TLS; 0 for none.</summary>
    internal int TlsPort { get; private set; }

    /// <summary>Returns the address with the port that was taken.</summary>
    internal IPEndPoint Add(Listener listener, ListenerRole role, bool isTls)
    {
        _all.Add(listener);
        if (role != ListenerRole.Control && (isTls ? DefaultTlsHost : DefaultHost).Length == 0)
        {
            byte[] host = Encoding.ASCII.GetBytes(listener.Endpoint.ToString());
            (DefaultHost, DefaultTlsHost) = isTls ? (DefaultHost, host) : (host, DefaultTlsHost);
            TlsPort = isTls ? listener.Endpoint.Port : TlsPort;
        }

        return listener.Endpoint;
    }

    internal void Open() => _all.ForEach(listener => listener.Open());

    internal void Close()
    {
        _all.ForEach(listener => listener.Close());
        _all.Clear();
    }

    /// <summary>Leaves the sockets to another process that has them, too.</summary>
    internal void LetGo()
    {
        _all.ForEach(listener => listener.LetGo());
        _all.Clear();
    }
}
