using Edge.Http;

namespace Edge.Proxy;

/// <summary>
/// Decides whether a client's connection goes on after an answer (RFC 9112 §9.3). If it does not, the answer says <c>Connection: close</c>. It goes on
/// only if the client wants that, the limits of the connection allow it, and the answer allows it.
/// </summary>
internal struct ConnectionPersistence
{
    private bool _mayPersist;

    /// <summary>Whether the client is of HTTP/1.1 or later: it understands chunks and interim responses.</summary>
    internal bool KnowsHttp11 { get; private set; }

    /// <summary>Whether the connection goes on after the answer; decided with the answer's head.</summary>
    internal bool Persists { get; private set; }

    /// <summary>Whether the end of the connection is the end of the answer.</summary>
    internal bool IsEndDelimited { get; private set; }

    /// <summary>A request begins.</summary>
    /// <param name="minorVersion">Of HTTP/1, in the request line.</param>
    /// <param name="clientPersists">Whether the client wants to go on, as its version and its Connection field say.</param>
    /// <param name="isLast">Whether the limits of the connection make this request its last one.</param>
    internal void Begin(int minorVersion, bool clientPersists, bool isLast)
    {
        KnowsHttp11 = minorVersion > 0;
        _mayPersist = clientPersists && !isLast;
    }

    /// <summary>The answer of a replica is passed on.</summary>
    /// <param name="body">How its body ends.</param>
    /// <param name="requestEnds">Whether the request is read to its end; if not, the rest of it would be taken for the next request.</param>
    /// <param name="isDraining">Whether the process ends.</param>
    internal void DecideRelayed(BodyKind body, bool requestEnds, bool isDraining)
    {
        IsEndDelimited = body == BodyKind.UntilClose || (body == BodyKind.Chunked && !KnowsHttp11);
        Persists = _mayPersist && !IsEndDelimited && requestEnds && !isDraining;
    }

    /// <summary>The balancer answers, and the head says how long the body is.</summary>
    /// <param name="wanted">Whether the connection may go on, as far as the one who answers knows.</param>
    /// <param name="isDraining">Whether the process ends.</param>
    internal bool DecideReply(bool wanted, bool isDraining) => Persists = wanted && _mayPersist && !isDraining;

    /// <summary>The balancer answers with a body in pieces: chunks, or for HTTP/1.0 bytes up to the end of the connection.</summary>
    /// <param name="wanted">As above.</param>
    /// <param name="isDraining">Whether the process ends.</param>
    internal bool DecidePieces(bool wanted, bool isDraining) => Persists = wanted && _mayPersist && KnowsHttp11 && !isDraining;
}
