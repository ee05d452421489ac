using Edge.Http;

namespace Edge.Proxy;

/// <summary>
/// A replica's side of an exchange: the request goes out by it, and the response comes in. A pool (<see cref="UpstreamPool"/>) lends it to one exchange
/// after the other.
/// </summary>
internal abstract class UpstreamStream : MessageStream
{
    /// <summary>Who lends it.</summary>
    internal abstract UpstreamPool Pool { get; }

    /// <summary>Who has it; null while nobody does.</summary>
    internal UpstreamUser? User { get; set; }

    /// <summary>It has carried a request before, so it may be stale.</summary>
    internal bool WasPooled { get; set; }

    /// <summary>A user was authenticated on what carries it, or is about to be: what it carries is taken for that user's. It serves no other client.</summary>
    internal bool IsBound { get; set; }

    /// <summary>It can be sent by.</summary>
    internal abstract bool IsConnected { get; }

    /// <summary>Something may have come by it: data, the end, or an error.</summary>
    internal abstract bool HasSomething { get; }

    /// <summary>The replica takes nothing more now.</summary>
    internal abstract bool IsFull { get; }

    /// <summary>Whether it is silent: no data, no end, no error. Asks for that.</summary>
    internal abstract bool IsQuiet();

    /// <summary>Whether nothing about it is in doubt, so that it may carry another request: all is sent, and nothing came that is not read.</summary>
    internal abstract bool IsClean();

    /// <summary>Whether what was last posted (<see cref="MessageStream.Post"/>) is all unsent, and nothing else is.</summary>
    /// <param name="posted">How many bytes that was.</param>
    internal abstract bool IsAllUnsent(int posted);

    /// <summary>
    /// Sends a part of a request as it was written, and keeps nothing that it does not take: how much was taken, or a negative number where the stream is
    /// broken. Only while nothing is unsent.
    /// </summary>
    internal abstract int TrySend(ReadOnlySpan<byte> part);

    /// <summary>Has its user called when what was posted has been sent; false where nothing waits for that.</summary>
    internal abstract bool AwaitPosted();

    /// <summary>Has its user called again in the next turn.</summary>
    internal abstract void Defer();

    /// <summary>Whether a byte of the response has arrived: the request was acted upon.</summary>
    internal abstract bool HasBegun { get; }

    /// <summary>Reads up to the next head, into the loop's <see cref="LoopContext.ResponseHead"/>.</summary>
    internal abstract ResponseHeadResult ReadHead();

    /// <summary>The bytes of the head that was read; valid until the loop's next read.</summary>
    internal abstract ReadOnlySpan<byte> HeadBytes { get; }

    /// <summary>Takes up the body of the head that was read, with what has arrived of it. False where that is malformed.</summary>
    /// <param name="framing">How its end is found.</param>
    /// <param name="connection">What the head says of its connection.</param>
    /// <param name="decode">The content alone is wanted.</param>
    /// <param name="arrived">What has arrived, as it is to be passed on; valid until the loop's next read.</param>
    internal abstract bool BeginBody(BodyFraming framing, ConnectionOptions connection, bool decode, out ReadOnlySpan<byte> arrived);

    /// <summary>As far as the response goes, what carries it may carry another request.</summary>
    internal abstract bool IsReusable { get; }

    /// <summary>What has come behind the head of a 101, which is no HTTP; valid until the loop's next read.</summary>
    internal abstract ReadOnlySpan<byte> TakeBehindHead();

    /// <summary>Something of the body was taken, and is not yet the receiving stream's.</summary>
    internal abstract bool HoldsBody { get; }

    /// <summary>Leaves what it holds of the body to the receiving stream, where nothing follows. False where that is broken.</summary>
    internal abstract bool LeaveBody(MessageStream to);

    /// <summary>Its exchange is over, but the replica still works on the request: it stays in flight until there is an answer.</summary>
    /// <param name="deadline">Until when, in the loop's milliseconds.</param>
    internal abstract void Abandon(long deadline);

    /// <summary>Whoever had it for its own requests has no more use for it.</summary>
    internal abstract void LetGo();
}
