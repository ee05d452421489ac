using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>Why a request failed: a value, since exceptions don't cross the data path.</summary>
/// <param name="Party">Who.</param>
/// <param name="Phase">When.</param>
/// <param name="IsTimeout">It took too long, rather than broke.</param>
/// <param name="IsMalformed">What arrived was no HTTP.</param>
/// <param name="IsWhole">It was the time for the whole request that ran out, whatever the phase.</param>
/// <param name="IsTooLarge">There was more than the options allow.</param>
/// <param name="IsStale">
/// It was a connection from the pool that ended, and not a byte of an answer had come: the replica had closed it while it was idle, or
/// did so just then. That is no failure of the replica.
/// </param>
/// <param name="IsDrain">The replica is let go of, or the balancer ends, and the time to finish ran out.</param>
internal readonly record struct Failure(
    Party Party, Phase Phase, bool IsTimeout = false, bool IsMalformed = false, bool IsWhole = false, bool IsTooLarge = false, bool IsStale = false,
    bool IsDrain = false)
{
    /// <summary>The replica ended the connection, or it broke.</summary>
    internal bool IsEnd => this is { Party: Party.Replica, IsTimeout: false, IsMalformed: false };

    /// <summary>The client took nothing of its answer for too long.</summary>
    internal bool IsOfReader => this is { Party: Party.Client, Phase: Phase.RelayResponse, IsTimeout: true };

    /// <summary>The client has sent its FIN: it may have left, so that nobody waits for what did not come in time.</summary>
    internal bool IsClientFinished { get; init; }

    /// <summary>
    /// Against whom it speaks. A connection that is not made, or breaks, is the replica's. An answer that does not come in time, or is
    /// malformed, may be due to what was asked for. A response that rests in the middle of its body may have nothing to say.
    /// </summary>
    internal Blame Blame => this switch
    {
        { Party: not Party.Replica } or { IsStale: true } or { IsDrain: true } or { IsTimeout: true, IsClientFinished: true } or { IsTimeout: true, Phase: Phase.RelayResponse } => Blame.Nobody,
        { IsWhole: true } or { IsTimeout: true, Phase: not Phase.Connect } or { IsMalformed: true } => Blame.Doubtful,
        _ => Blame.Replica,
    };

    /// <summary>The status that the client gets where the response has not begun (RFC 9110 §15.5.9, §15.6.3 to §15.6.5).</summary>
    internal int Status => this switch
    {
        { Phase: Phase.Pick } or { IsDrain: true } => 503,
        { Party: Party.Client, IsTimeout: true } => 408,
        { IsTooLarge: true } => 413,
        { Party: Party.Client } => 400,
        { Party: Party.Edge } => 503,
        { IsTimeout: true } => 504,
        _ => 502,
    };

    /// <summary>One word for logs and figures: which of the times ran out, or what broke.</summary>
    internal Reason Reason => this switch
    {
        { IsDrain: true } => Reason.DrainTimeout,
        { Phase: Phase.Wait, IsTimeout: true } => Reason.QueueTimeout,
        { Phase: Phase.Wait } => Reason.QueueFull,
        { Phase: Phase.Pick } => Reason.NoReplica,
        { Party: Party.Edge } => Reason.NoDescriptor,
        { IsWhole: true } => Reason.RequestTimeout,
        { Party: Party.Client, Phase: Phase.RelayResponse, IsTimeout: true } => Reason.ClientReadTimeout,
        { Party: Party.Client, IsTimeout: true } => Reason.RequestBodyTimeout,
        { IsTooLarge: true } => Reason.Refused,
        { Party: Party.Client } => Reason.MalformedRequest,
        { Phase: Phase.Connect, IsTimeout: true } => Reason.ConnectTimeout,
        { Phase: Phase.Connect } => Reason.ConnectFailed,
        { Phase: Phase.SendRequest, IsTimeout: true } => Reason.ReplicaReadTimeout,
        { IsMalformed: true } => Reason.MalformedResponse,
        { Phase: Phase.ReadResponseHead, IsTimeout: true } => Reason.ResponseHeadTimeout,
        { Phase: Phase.RelayResponse, IsTimeout: true } => Reason.ResponseBodyTimeout,
        { Phase: Phase.RelayResponse } => Reason.ResponseCut,
        { IsStale: true } => Reason.StaleConnection,
        _ => Reason.ReplicaClosed,
    };

    /// <summary>What the client is told, without the name of the replica.</summary>
    internal ReadOnlySpan<byte> Text => this switch
    {
        { IsDrain: true } => "What this request was sent to is being stopped, and the time to finish ran out"u8,
        { Phase: Phase.Wait, IsTimeout: true } => "The balancer had no room for this request in time"u8,
        { Phase: Phase.Wait } => "The balancer has no room for this request"u8,
        { Phase: Phase.Pick } => "No server container found for this request"u8,
        { Party: Party.Client, IsTimeout: true } => "The request body did not arrive in time"u8,
        { IsTooLarge: true } => "body is too large"u8,
        { Party: Party.Client } => "malformed chunk"u8,
        { Party: Party.Edge } => "The balancer has no free descriptors"u8,
        { IsWhole: true, Phase: Phase.Connect } => "was not connected to within the time for the whole request"u8,
        { IsWhole: true, Phase: Phase.SendRequest } => "had not got the request within the time for the whole of it"u8,
        { IsWhole: true } => "had not answered within the time for the whole request"u8,
        { Phase: Phase.Connect, IsTimeout: true } => "could not be connected to in time"u8,
        { Phase: Phase.Connect } => "could not be connected to"u8,
        { Phase: Phase.SendRequest, IsTimeout: true } => "did not take the request in time"u8,
        { IsMalformed: true } => "sent a malformed response"u8,
        { Phase: Phase.ReadResponseHead, IsTimeout: true } => "did not answer in time"u8,
        { Phase: Phase.RelayResponse, IsTimeout: true } => "stopped in the middle of its response"u8,
        _ => "closed the connection before its response"u8,
    };
}
