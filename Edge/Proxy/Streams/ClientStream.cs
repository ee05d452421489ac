using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// A client's side of an exchange: its request comes in by it, and the answer goes out. It has a <see cref="RequestContext"/> of its own, and is lent
/// with that for as long as there is a request.
/// </summary>
internal abstract class ClientStream : MessageStream
{
    /// <summary>What belongs to the request.</summary>
    internal abstract RequestContext Context { get; }

    /// <summary>Who asks, as far as the balancer knows.</summary>
    internal abstract PeerAddress Peer { get; }

    /// <summary>Whether its X-Forwarded-* fields are trusted and appended to.</summary>
    internal abstract bool IsTrusted { get; }

    /// <summary>Whether the client speaks TLS to the balancer: its scheme is https.</summary>
    internal abstract bool IsTls { get; }

    /// <summary>The subject of the client's certificate (RFC 4514); empty if it has shown none.</summary>
    internal abstract ReadOnlySpan<byte> CertificateSubject { get; }

    /// <summary>Who asks was told by a proxy, by the PROXY protocol.</summary>
    internal abstract bool IsProxied { get; }

    /// <summary>Nothing can be sent by it any more.</summary>
    internal abstract bool IsClosed { get; }

    /// <summary>Who may have a replica's connection for its requests alone; null where nobody can.</summary>
    internal abstract IUpstreamHolder? Holder { get; }

    /// <summary>What <see cref="Holder"/> has; null for nothing.</summary>
    internal abstract UpstreamStream? Held { get; }

    /// <summary>Bytes that were sent by what carries it; for comparing with a later time.</summary>
    internal abstract long BytesSent { get; }

    /// <summary>Whether some of what was sent has not reached the client, as far as can be told.</summary>
    internal abstract bool HasUnacknowledged { get; }

    /// <summary>Takes the body up, with what has arrived of it together with the head. False where that is malformed.</summary>
    /// <param name="framing">How its end is found.</param>
    /// <param name="decode">The content alone is wanted.</param>
    /// <param name="contentAtMost">Bytes of content that chunks may bring.</param>
    /// <param name="dropTrailers">Trailers end here, since Connection names fields.</param>
    /// <param name="arrived">What has arrived, as it is to be passed on; valid until the loop's next read.</param>
    internal abstract bool BeginBody(BodyFraming framing, bool decode, long contentAtMost, bool dropTrailers, out ReadOnlySpan<byte> arrived);

    /// <summary>Bytes of the body that were taken, its framing included.</summary>
    internal abstract long BodyBytes { get; }

    /// <summary>The body is malformed in nothing but its size.</summary>
    internal abstract bool IsBodyTooLarge { get; }

    /// <summary>Takes what there is of the body, for the balancer itself.</summary>
    /// <param name="content">The next piece, with <see cref="RelayResult.Yielded"/> and <see cref="RelayResult.Done"/>; valid until the next read.</param>
    internal abstract RelayResult ReadBody(out ReadOnlySpan<byte> content);

    /// <summary>Hands over what came behind a request that was the last: it is no request. Valid until the loop's next read.</summary>
    internal abstract ReadOnlySpan<byte> TakeAhead();

    /// <summary>The client's own version has chunks, so that a body may come to it as it came in chunks.</summary>
    internal abstract bool TakesChunks { get; }

    /// <summary>Tells the client to go on with the body (100, RFC 9110 §10.1.1).</summary>
    internal abstract void SendContinue();

    /// <summary>Passes an interim response on (1xx, RFC 9110 §15.2). False where the client's version knows none.</summary>
    internal abstract bool SendInterim(in ResponseHead head);

    /// <summary>Sends the head of the final response, or of a 101, and with it what has arrived behind it. False where the client is gone.</summary>
    internal abstract bool SendHead(in ResponseHead head, ReadOnlySpan<byte> arrived);

    /// <summary>The client was told that its next request may come.</summary>
    internal abstract bool KeepsAlive { get; }

    /// <summary>The end of the answer's body is told by nothing but the end of the connection.</summary>
    internal abstract bool IsEndDelimited { get; }

    /// <summary>The answer has been handed over; the next request may come, where the client keeps its connection.</summary>
    /// <param name="keepAlive">Whether it is to stay.</param>
    /// <param name="requestRead">Whether the client has sent all of its request.</param>
    internal abstract void OnAnswered(bool keepAlive, bool requestRead);

    /// <summary>The response breaks off: the client gets the part that there is, and an end that shows that it is not whole.</summary>
    /// <param name="requestRead">Whether the client has sent all of its request.</param>
    internal abstract void EndCut(bool requestRead);

    /// <summary>Ends it so that the client gets to read everything that was sent.</summary>
    internal abstract void End();

    /// <summary>Ends it at once.</summary>
    internal abstract void Close();

    /// <summary>Ends the accounting of the request.</summary>
    internal abstract void EndAccounting();

    /// <summary>Gives an answer of the balancer's own, and with it ends the request.</summary>
    /// <param name="status">A final one.</param>
    /// <param name="body">May be empty; to HEAD it is left out.</param>
    /// <param name="fields">Beside those that every answer has.</param>
    /// <param name="keepAlive">Whether the next request may come, as far as the caller is asked.</param>
    /// <param name="requestRead">Whether the client has sent all of its request.</param>
    internal abstract void Reply(int status, ReadOnlySpan<byte> body, IReadOnlyList<KeyValuePair<string, string>> fields, bool keepAlive, bool requestRead);

    /// <summary>Begins an answer of the balancer's own that comes in pieces. False where the client is gone.</summary>
    internal abstract bool BeginReply(int status, IReadOnlyList<KeyValuePair<string, string>> fields, bool keepAlive);

    /// <summary>Sends the next piece of that; an empty one is the end. False where the client is gone.</summary>
    internal abstract bool SendPiece(ReadOnlySpan<byte> piece);
}
