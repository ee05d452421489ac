namespace Edge.Telemetry;

/// <summary>
/// Why an attempt or a whole request failed: one word each, in the figures and in the access log (<see cref="Reasons.Word"/>).
/// </summary>
internal enum Reason : byte
{
    None,
    QueueTimeout,
    QueueFull,
    NoReplica,
    NoDescriptor,
    RequestTimeout,
    ClientReadTimeout,
    RequestBodyTimeout,
    MalformedRequest,
    ConnectTimeout,
    ConnectFailed,
    ReplicaReadTimeout,
    MalformedResponse,
    ResponseHeadTimeout,
    ResponseBodyTimeout,
    ResponseCut,
    ReplicaClosed,

    /// <summary>The replica answered with a status after which another replica is asked.</summary>
    Status,

    /// <summary>The replica was taken out of rotation while the request waited for its answer.</summary>
    ReplicaUnwell,

    /// <summary>The client left before it had its answer.</summary>
    ClientGone,

    /// <summary>The head of the request did not arrive in time.</summary>
    RequestHeadTimeout,

    /// <summary>The request was refused because of its content.</summary>
    Refused,

    /// <summary>A connection from the pool ended when it was used, before a byte of a response had come.</summary>
    StaleConnection,

    /// <summary>The replica was removed, or the balancer ended, and the time to finish ran out (Edge:Timeouts:Drain).</summary>
    DrainTimeout,

    /// <summary>The replica was reached, and the TLS handshake with it failed.</summary>
    HandshakeFailed,

    /// <summary>The replica's certificate does not verify.</summary>
    CertificateInvalid,

    /// <summary>No route is for its host and path, and the default service has no replicas.</summary>
    NoService,

    /// <summary>The client's address is in no network of Edge:Access:Allow.</summary>
    NotAllowed,

    /// <summary>The client has sent more requests than Edge:Access:Rate.</summary>
    RateLimited,

    /// <summary>No user of Edge:Access:Users came with the request.</summary>
    Unauthorized,

    /// <summary>The client has sent too many wrong passwords.</summary>
    AttemptsLimited,

    /// <summary>The service is paused, and the request has waited for as long as it may, or found no room to wait.</summary>
    ServicePaused,

    /// <summary>The service is stopped.</summary>
    ServiceStopped,

    /// <summary>The service is asleep: the client got a page that asks again by itself, or is a monitor, for which nothing wakes.</summary>
    ServiceAsleep,

    /// <summary>The service was asleep, and did not wake in time for the request (Edge:Scale:Wake).</summary>
    WakeTimeout,
}
