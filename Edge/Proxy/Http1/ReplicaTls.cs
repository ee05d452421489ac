using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// The TLS of one loop's connections to one replica. New connections go on with what the last handshake agreed on. For the loop's thread alone.
/// </summary>
/// <param name="context">Whom to believe.</param>
/// <param name="name">What the replica's certificate has to have.</param>
internal sealed class ReplicaTls(TlsClientContext context, string name)
{
    private nint _resumption;

    /// <summary>A session for a new connection.</summary>
    /// <param name="engine">Of the loop.</param>
    internal TlsSession NewSession(TlsEngine engine) => new(engine, context, name, _resumption);

    /// <summary>A session has carried an answer: by then the replica has given what later ones can go on with, if it gives any.</summary>
    internal void Learn(TlsSession session) => session.KeepResumption(ref _resumption);

    /// <summary>There will be no further connection.</summary>
    internal void Release() => TlsSession.DropResumption(ref _resumption);
}
