namespace Edge.Proxy;

/// <summary>
/// One side of an exchange: a message comes in by it, and another one goes out. What carries it is its own business: with HTTP/1 all of a
/// connection, with later versions a part of one. An exchange knows neither.
/// A body goes over as the version 1.1 frames it where the receiving stream takes chunks, and else as its content alone.
/// </summary>
internal abstract class MessageStream
{
    /// <summary>The peer sends no more; what it has sent may still be unread.</summary>
    internal abstract bool PeerFinished { get; }

    /// <summary>Reset or closed on both sides: nothing can reach the peer any more.</summary>
    internal abstract bool HungUp { get; }

    /// <summary>Whether the peer has reset it; asks for that.</summary>
    internal abstract bool IsReset();

    /// <summary>Bytes that were handed over here and not sent yet.</summary>
    internal abstract int UnsentBytes { get; }

    /// <summary>What is unsent goes out when the loop's turn ends.</summary>
    internal abstract bool IsPosted { get; }

    /// <summary>Goes on with what is unsent. False where the stream is broken.</summary>
    internal abstract bool Flush();

    /// <summary>Sends a piece of a body, and keeps what cannot be sent yet. False where the stream is broken.</summary>
    internal abstract bool Send(ReadOnlySpan<byte> piece);

    /// <summary>As <see cref="Send"/>, but at the end of the loop's turn, together with what others send.</summary>
    internal abstract bool Post(ReadOnlySpan<byte> piece);

    /// <summary>Has what is held back, because more was to follow, sent at once.</summary>
    internal abstract void PushOut();

    /// <summary>The end of what is sent by it; the other direction stays open.</summary>
    internal abstract void FinishSending();

    /// <summary>Ends it so that the peer can't take a cut message for a whole one.</summary>
    internal abstract void Abort();

    /// <summary>Whether the last byte of the body that comes in by it was taken.</summary>
    internal abstract bool IsBodyRead { get; }

    /// <summary>Whether <see cref="MoveBody"/> has taken anything: that is kept nowhere.</summary>
    internal abstract bool HasMovedBody { get; }

    /// <summary>Moves what can be moved now of the body that comes in by it. Nothing is taken while the other side is full.</summary>
    internal abstract RelayResult MoveBody(MessageStream to);

    /// <summary>Whether anything of the body has moved since this was last asked: the peers are alive.</summary>
    internal abstract bool TakeProgress();

    /// <summary>The body that comes in by it from now on has no end but that of the stream, and is passed on as it is.</summary>
    internal abstract void BeginTunnel();

    /// <summary>Gives back what it holds of the body that comes in by it; after any end, good or bad.</summary>
    internal abstract void ReleaseBody();

    /// <summary>Brings the figures for bytes up to date.</summary>
    internal abstract void CountBytes();

    /// <summary>Sets its timer anew.</summary>
    /// <param name="at">In the loop's milliseconds; <see cref="Io.Pollable.Never"/> for none.</param>
    internal abstract void SetTimer(long at);
}
