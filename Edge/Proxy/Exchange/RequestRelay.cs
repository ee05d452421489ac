using System.Diagnostics;
using Edge.Http;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// A request on its way from the client to a replica. Its head, written anew, and the part of the body that came with it are kept, so that they can
/// be sent again. The rest is passed on as it arrives.
/// </summary>
internal sealed class RequestRelay(LoopContext loop, RequestContext context)
{
    private ServiceSettings _settings = null!;
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

    /// <summary>The replica takes no more of the request.</summary>
    internal bool IsBroken { get; private set; }

    /// <summary>Whether no byte of it was sent to the replica of this attempt.</summary>
    internal bool IsUnsent(UpstreamStream upstream) => _sent == 0 || (_isPosted && upstream.IsAllUnsent(_keptBytes));

    /// <summary>Whether the whole of it is to be sent at the end of the loop's turn.</summary>
    internal bool IsToLeave(UpstreamStream upstream) => upstream.IsPosted && IsUnsent(upstream);

    /// <summary>Every byte that was sent is still kept, so another replica may get the request.</summary>
    internal bool CanBeSentAgain => !Client.HasMovedBody;

    /// <summary>The head as it is sent, and the part of the body that came with it; empty when neither a retry nor an upgrade can need it.</summary>
    internal ReadOnlySpan<byte> KeptBytes => _kept.IsEmpty ? default : _kept.Span[.._keptBytes];

    /// <summary>Only the size of its body is wrong.</summary>
    internal bool IsTooLarge => Client.IsBodyTooLarge;

    /// <summary>When the client will have been too slow with its body, unless more bytes arrive before.</summary>
    internal long TooSlowAt => Client.IsBodyRead || _awaitsContinue ? Pollable.Never : _pace.TooSlowAt(_settings.ClientLimits, Client.BodyBytes);

    /// <summary>
    /// How long the next step may take until the response's head is there: the replica's answer, or its word whether it wants the body (Expect, RFC
    /// 9110 §10.1.1); or the next piece of the body.
    /// </summary>
    internal long Patience => IsDone || _awaitsContinue ? _settings.Timeouts.ResponseHead : _settings.Timeouts.BodyIdle;

    /// <summary>The client has sent the whole request.</summary>
    internal bool IsRead => Client.IsBodyRead;

    /// <summary>
    /// More of the request is to be sent, and is on its way. A client that waits for 100 and has sent nothing of its body may not send it: after a
    /// final response it may leave it out (RFC 9110 §10.1.1).
    /// </summary>
    /// <param name="awaitsContinue">Whether the client waits for a 100, and has not got it.</param>
    internal bool IsGoingOn(bool awaitsContinue) => !IsDone && !IsBroken && (!awaitsContinue || Client.BodyBytes > 0);

    /// <summary>Takes a request with the part of its body that has arrived. False if the body is malformed already.</summary>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">As it came.</param>
    /// <param name="facts">As derived from the head.</param>
    /// <param name="protocol">That of the replicas.</param>
    /// <param name="settings">Those of the service.</param>
    internal bool Begin(ReadOnlySpan<byte> data, Head head, in RequestFacts facts, UpstreamProtocol protocol, ServiceSettings settings)
    {
        // A comparison costs less than a reference that is written, of which the collector is told.
        if (_settings != settings)
        {
            _settings = settings;
        }

        long contentAtMost = _settings.ClientLimits.BodyBytes;
        contentAtMost = contentAtMost > 0 ? contentAtMost : long.MaxValue;
        if (!Client.BeginBody(facts.Body, decode: false, contentAtMost, facts.Connection.Nominates, out ReadOnlySpan<byte> arrived))
        {
            return false;
        }

        // The length is known when the head is written: the head is kept in a buffer that it fills, as long as the replica takes to answer.
        int headBytes = protocol.WriteRequest(loop.Scratch, data, head, facts, context.ForwardingContext(head.MinorVersion));
        _keptBytes = headBytes + arrived.Length;
        _kept = loop.Buffers.Rent(_keptBytes);
        loop.Scratch[..headBytes].CopyTo(_kept.Span);
        arrived.CopyTo(_kept.Span[headBytes..]);
        _offersUpgrade = facts.OffersUpgrade;
        _awaitsContinue = facts.ExpectsContinue && Client.BodyBytes == 0;
        Rewind();
        return true;
    }

    /// <summary>Begins again, for another replica.</summary>
    internal void Rewind()
    {
        Debug.Assert(!_kept.IsEmpty && CanBeSentAgain, "what was moved on is not kept");
        _sent = 0;
        IsDone = IsBroken = _isPosted = false;
        _pace.Restart(loop.Now, Client.BodyBytes);
    }

    /// <summary>Moves as many bytes as can be moved now.</summary>
    internal RequestProgress Pump(UpstreamStream upstream)
    {
        if (IsBroken)
        {
            return RequestProgress.Going;
        }

        if (IsDone)
        {
            // There is more only if the kernel did not take all posted bytes, or if they are still to be sent.
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

    /// <summary>Whether the replica takes nothing, and not the client that sends nothing.</summary>
    internal bool IsReplicaStalling(UpstreamStream upstream) =>
        _sent < _keptBytes || upstream.IsFull || (upstream.UnsentBytes > 0 && !upstream.IsPosted);

    /// <summary>The client was told to go on with the body, or goes on by itself: from now on the loop waits for the client.</summary>
    internal void GoOn()
    {
        if (_awaitsContinue)
        {
            _awaitsContinue = false;
            _pace.Restart(loop.Now, Client.BodyBytes);
        }
    }

    /// <summary>Whether the client is too slow with its body. It is not if the replica takes nothing, or while there is room for others.</summary>
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

        bool isCrowded = loop.IsCrowded || upstream.Pool.IsCrowded;
        if (!isCrowded)
        {
            _pace.Spare(loop.Now);
        }

        return isCrowded;
    }

    internal bool TakeProgress() => Client.TakeProgress();

    /// <summary>Gives back the kept bytes, when they will not be sent again.</summary>
    internal void DropKept() => loop.Buffers.Return(ref _kept);

    /// <summary>Gives back all buffers; after any end, good or bad.</summary>
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
