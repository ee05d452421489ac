using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>Why a request failed. A value, because no exceptions cross the data path.</summary>
/// <param name="Party">Whose fault it is.</param>
/// <param name="Phase">In which phase.</param>
/// <param name="IsTimeout">It took too long; otherwise it broke.</param>
/// <param name="IsMalformed">The bytes that arrived are malformed.</param>
/// <param name="IsWhole">The time for the whole request ran out, in any phase.</param>
/// <param name="IsTooLarge">It was larger than the options allow.</param>
/// <param name="IsStale">
/// A pooled connection ended before a byte of a response came: the replica had closed it while it was idle, or just closed it. That is no failure of
/// the replica.
/// </param>
/// <param name="IsDrain">The replica is let go of, or the balancer ends, and the time to finish ran out.</param>
internal readonly record struct Failure(
    Party Party, Phase Phase, bool IsTimeout = false, bool IsMalformed = false, bool IsWhole = false, bool IsTooLarge = false, bool IsStale = false,
    bool IsDrain = false)
{
    /// <summary>
    /// The replica ended the connection, or it broke. A replica with a certificate that does not verify is there, and will be no better in a moment.
    /// </summary>
    internal bool IsEnd => this is { Party: Party.Replica, IsTimeout: false, IsMalformed: false, ConnectFault: not ConnectFault.Certificate };

    /// <summary>Why the connection did not come to be, if it broke before it did.</summary>
    internal ConnectFault ConnectFault { get; init; }

    /// <summary>That of the service, where it is the reason: the request got to no replica.</summary>
    internal ServiceMode Mode { get; init; }

    /// <summary>The service was asleep, and the request has waited for it to wake.</summary>
    internal bool IsAsleep { get; init; }

    /// <summary>The client took no byte of its response for too long.</summary>
    internal bool IsOfReader => this is { Party: Party.Client, Phase: Phase.RelayResponse, IsTimeout: true };

    /// <summary>The client has sent its FIN: it may have left, so a timeout says little.</summary>
    internal bool IsClientFinished { get; init; }

    /// <summary>
    /// Against whom the failure counts. A connection that is not made, or breaks, counts against the replica. A response that does not come in time,
    /// or is malformed, may be due to the page. A response that pauses in the middle of its body may have nothing to send.
    /// </summary>
    internal Blame Blame => this switch
    {
        { Party: not Party.Replica } or { IsStale: true } or { IsDrain: true }
            or { IsTimeout: true, IsClientFinished: true } or { IsTimeout: true, Phase: Phase.RelayResponse } => Blame.Nobody,
        { IsWhole: true } or { IsTimeout: true, Phase: not Phase.Connect } or { IsMalformed: true } => Blame.Doubtful,
        _ => Blame.Replica,
    };

    /// <summary>The status for the client if the response has not begun (RFC 9110 §15.5.9, §15.6.3 to §15.6.5).</summary>
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

    /// <summary>The word for logs and figures: which time ran out, or what broke.</summary>
    internal Reason Reason => this switch
    {
        { Mode: ServiceMode.Paused } => Reason.ServicePaused,
        { Mode: ServiceMode.Stopped } => Reason.ServiceStopped,
        { IsDrain: true } => Reason.DrainTimeout,
        { Phase: Phase.Wait, IsTimeout: true, IsAsleep: true } => Reason.WakeTimeout,
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
        { ConnectFault: ConnectFault.Certificate } => Reason.CertificateInvalid,
        { ConnectFault: ConnectFault.Handshake } => Reason.HandshakeFailed,
        { Phase: Phase.Connect } => Reason.ConnectFailed,
        { Phase: Phase.SendRequest, IsTimeout: true } => Reason.ReplicaReadTimeout,
        { IsMalformed: true } => Reason.MalformedResponse,
        { Phase: Phase.ReadResponseHead, IsTimeout: true } => Reason.ResponseHeadTimeout,
        { Phase: Phase.RelayResponse, IsTimeout: true } => Reason.ResponseBodyTimeout,
        { Phase: Phase.RelayResponse } => Reason.ResponseCut,
        { IsStale: true } => Reason.StaleConnection,
        _ => Reason.ReplicaClosed,
    };

    /// <summary>The text for the client, without the name of the replica.</summary>
    internal ReadOnlySpan<byte> Text => this switch
    {
        { Mode: ServiceMode.Paused, IsTimeout: true } => "The service is paused, and was not resumed in time for this request"u8,
        { Mode: ServiceMode.Paused } => "The service is paused, and no more requests can wait for it"u8,
        { IsDrain: true } => "What this request was sent to is being stopped, and the time to finish ran out"u8,
        { Phase: Phase.Wait, IsTimeout: true, IsAsleep: true } => "The service was asleep, and did not wake in time for this request"u8,
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
        { ConnectFault: ConnectFault.Certificate } => "has a certificate that does not verify"u8,
        { ConnectFault: ConnectFault.Handshake } => "broke off the TLS handshake"u8,
        { Phase: Phase.Connect } => "could not be connected to"u8,
        { Phase: Phase.SendRequest, IsTimeout: true } => "did not take the request in time"u8,
        { IsMalformed: true } => "sent a malformed response"u8,
        { Phase: Phase.ReadResponseHead, IsTimeout: true } => "did not answer in time"u8,
        { Phase: Phase.RelayResponse, IsTimeout: true } => "stopped in the middle of its response"u8,
        _ => "closed the connection before its response"u8,
    };
}
