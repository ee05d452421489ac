using System.Diagnostics;
using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// A request on its way from the client to a replica: its head, rewritten, and what came with it of the body are kept, so
/// that they can be sent again; the rest is passed on as it arrives.
/// </summary>
internal sealed class RequestRelay(LoopContext loop, RequestContext context)
{
    private NativeBuffer _kept;
    private int _keptBytes;
    private int _sent;
    private BodyPace _pace;
    private bool _isHeldUp;
    private bool _awaitsContinue;
    private bool _isPosted;
    private bool _offersUpgrade;

    private ClientStream Client => context.Client;

    /// <summary>All of it was handed to the replica's stream.</summary>
    internal bool IsDone { get; private set; }

    /// <summary>The replica takes no more of it.</summary>
    internal bool IsBroken { get; private set; }

    /// <summary>Whether nothing of it was sent to the replica of this attempt.</summary>
    internal bool IsUnsent(UpstreamStream upstream) => _sent == 0 || (_isPosted && upstream.UnsentBytes == _keptBytes);

    /// <summary>Whether it is to be sent, in one piece, when the loop's turn ends.</summary>
    internal bool IsToLeave(UpstreamStream upstream) => upstream.IsPosted && IsUnsent(upstream);

    /// <summary>All of it that was sent is still here, so that another replica may get it.</summary>
    internal bool CanBeSentAgain => !Client.HasMovedBody;

    /// <summary>Its head as it is sent, and what came with it of its body; empty once neither a retry nor an upgrade may need it.</summary>
    internal ReadOnlySpan<byte> KeptBytes => _kept.IsEmpty ? default : _kept.Span[.._keptBytes];

    /// <summary>Its body is malformed in nothing but its size.</summary>
    internal bool IsTooLarge => Client.IsBodyTooLarge;

    /// <summary>When the client will have been too slow with its body, unless more comes until then.</summary>
    internal long TooSlowAt => Client.IsBodyRead || _awaitsContinue ? Pollable.Never : _pace.TooSlowAt(loop.ClientLimits, Client.BodyBytes);

    /// <summary>
    /// How long the next step may take, until the response's head is there: for the replica to answer, or to say whether it wants the body (Expect,
    /// RFC 9110 §10.1.1); for the next piece of the body.
    /// </summary>
    internal long Patience => IsDone || _awaitsContinue ? loop.Timeouts.ResponseHead : loop.Timeouts.BodyIdle;

    /// <summary>The client has sent all of it.</summary>
    internal bool IsRead => Client.IsBodyRead;

    /// <summary>
    /// There is more of it than was sent, and it is on its way. A client that waits for 100 and has sent nothing of its body is not taken to
    /// send it: with a final answer it may leave it out (RFC 9110 §10.1.1).
    /// </summary>
    /// <param name="awaitsContinue">Whether the client waits for it, and has not got it.</param>
    internal bool IsGoingOn(bool awaitsContinue) => !IsDone && !IsBroken && (!awaitsContinue || Client.BodyBytes > 0);

    /// <summary>Takes a request with what has arrived of its body. False where the body is malformed already.</summary>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">As it came.</param>
    /// <param name="facts">As derived from the head.</param>
    internal bool Begin(ReadOnlySpan<byte> data, Head head, in RequestFacts facts)
    {
        long contentAtMost = loop.ClientLimits.BodyBytes;
        contentAtMost = contentAtMost > 0 ? contentAtMost : long.MaxValue;
        if (!Client.BeginBody(facts.Body, decode: false, contentAtMost, facts.Connection.Nominates, out ReadOnlySpan<byte> arrived))
        {
            return false;
        }

        // Its length is known when it is written: it is kept in a buffer that it fills, as long as the replica takes to answer.
        int headBytes = loop.Protocol.WriteRequest(loop.Scratch, data, head, facts, context.ForwardingContext(head.MinorVersion));
        _keptBytes = headBytes + arrived.Length;
        _kept = loop.Buffers.Rent(_keptBytes);
        loop.Scratch[..headBytes].CopyTo(_kept.Span);
        arrived.CopyTo(_kept.Span[headBytes..]);
        _offersUpgrade = facts.OffersUpgrade;
        _awaitsContinue = facts.ExpectsContinue && Client.BodyBytes == 0;
        Rewind();
        return true;
    }

    /// <summary>Begins anew, for another replica.</summary>
    internal void Rewind()
    {
        Debug.Assert(!_kept.IsEmpty && CanBeSentAgain, "what was moved on is not kept");
        _sent = 0;
        IsDone = IsBroken = _isPosted = false;
        _pace.Restart(loop.Now, Client.BodyBytes);
    }

    /// <summary>Moves what can be moved now.</summary>
    internal RequestProgress Pump(UpstreamStream upstream)
    {
        if (IsBroken)
        {
            return RequestProgress.Going;
        }

        if (IsDone)
        {
            // There is more only where the kernel did not take all that was posted, or it is still to be sent.
            return upstream.IsPosted || upstream.Flush() ? RequestProgress.Going : Break();
        }

        if (_isHeldUp)
        {
            _pace.Restart(loop.Now, Client.BodyBytes);
        }

        RequestProgress progress = Move(upstream);
        if (_awaitsContinue && Client.BodyBytes > 0)
        {
            GoOn();
        }

        _isHeldUp = !IsDone && IsReplicaStalling(upstream);
        return progress;
    }

    private RequestProgress Move(UpstreamStream upstream)
    {
        if (_sent == 0 && Client.IsBodyRead && upstream.UnsentBytes == 0)
        {
            if (!upstream.Post(KeptBytes))
            {
                return Break();
            }

            _sent = _keptBytes;
            _isPosted = IsDone = true;
            return RequestProgress.Done;
        }

        if (_sent < _keptBytes)
        {
            int sent = upstream.TrySend(KeptBytes[_sent..]);
            if (sent < 0)
            {
                return Break();
            }

            _sent += sent;
            if (_sent < _keptBytes)
            {
                return RequestProgress.Going;
            }
        }

        RelayResult result = Client.MoveBody(upstream);
        if (Client.HasMovedBody && !_offersUpgrade)
        {
            DropKept();
        }

        switch (result)
        {
            case RelayResult.Done:
                IsDone = true;
                return RequestProgress.Done;
            case RelayResult.Yielded:
                upstream.Defer();
                return RequestProgress.Going;
            case RelayResult.Malformed:
                return RequestProgress.Malformed;
            case RelayResult.SourceEnded:
                return RequestProgress.ClientGone;
            case RelayResult.SinkBroken:
                return Break();
            default:
                return RequestProgress.Going;
        }
    }

    /// <summary>Whether it is the replica that takes nothing, rather than the client that sends nothing.</summary>
    internal bool IsReplicaStalling(UpstreamStream upstream) =>
        _sent < _keptBytes || upstream.IsFull || (upstream.UnsentBytes > 0 && !upstream.IsPosted);

    /// <summary>Its client was told to go on with the body, or does so: from now on it is the one that is waited for.</summary>
    internal void GoOn()
    {
        if (_awaitsContinue)
        {
            _awaitsContinue = false;
            _pace.Restart(loop.Now, Client.BodyBytes);
        }
    }

    /// <summary>Whether the client is too slow with its body. It is not where the replica takes nothing, nor as long as there is room for others.</summary>
    internal bool IsTooSlow(UpstreamStream upstream)
    {
        if (IsReplicaStalling(upstream))
        {
            _pace.Restart(loop.Now, Client.BodyBytes);
        }

        if (loop.Now < TooSlowAt)
        {
            return false;
        }

        bool isCrowded = loop.IsCrowded || upstream.Pool.Service.Queue.IsCrowdedAt(upstream.Pool.Counters);
        if (!isCrowded)
        {
            _pace.Spare(loop.Now);
        }

        return isCrowded;
    }

    internal bool TakeProgress() => Client.TakeProgress();

    /// <summary>Gives back what is kept, once it will not be sent again.</summary>
    internal void DropKept() => loop.Buffers.Return(ref _kept);

    /// <summary>Gives back all that it holds; after any end, good or bad.</summary>
    internal void Release()
    {
        Client.ReleaseBody();
        DropKept();
    }

    // The replica takes no more, but may have answered before it closed: the answer decides.
    private RequestProgress Break()
    {
        Debug.Assert(!IsBroken, "a stream breaks once");
        IsBroken = true;
        IsDone = false;
        return RequestProgress.Going;
    }
}
