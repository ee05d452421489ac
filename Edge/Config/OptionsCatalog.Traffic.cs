using System.Net;

namespace Edge.Config;

internal static partial class OptionsCatalog
{
    // Edge:Timeouts.
    private static readonly OptionEntry[] s_timeouts =
    [
        Time("Edge:Timeouts:RequestHead", o => o.Timeouts.RequestHead,
            "From the first byte of a request to the end of its head."),
        Time("Edge:Timeouts:TlsHandshake", o => o.Timeouts.TlsHandshake,
            "From the beginning of a connection of https to the end of its TLS handshake."),
        Time("Edge:Timeouts:ResponseHead", o => o.Timeouts.ResponseHead,
            "From the whole request sent to the end of the response's head."),
        Time("Edge:Timeouts:Connect", o => o.Timeouts.Connect, "To reach a replica, with its TLS handshake where there is one."),
        Time("Edge:Timeouts:Drain", o => o.Timeouts.Drain,
            "For requests in flight to finish, when a replica is removed and when the balancer ends."),
        Time("Edge:Timeouts:ClientIdle", o => o.Timeouts.ClientIdle,
            "Between two requests of a client's connection; longer than a balancer in front "
            + "keeps its own (60 s is common), which else meets closed ones."),
        Time("Edge:Timeouts:PoolIdle", o => o.Timeouts.PoolIdle,
            "How long a connection to a replica is kept for the next request; less where a replica is seen to close sooner."),
        Time("Edge:Timeouts:BodyIdle", o => o.Timeouts.BodyIdle, "Without progress, while a body is on its way."),
        Time("Edge:Timeouts:BodyGrace", o => o.Timeouts.BodyGrace,
            "How long a request's body may take before Edge:Limits:BodyBytesPerSecond counts."),
        Time("Edge:Timeouts:Request", o => o.Timeouts.Request,
            "The whole of a request, from its head to the end of its response.", mayBeOff: true),
        Time("Edge:Timeouts:Tunnel", o => o.Timeouts.Tunnel,
            "Without a byte in either direction, after a connection has changed to another protocol (Upgrade, as for WebSocket)."),
        Time("Edge:Timeouts:Start", o => o.Timeouts.Start,
            "From the start of a replica to its first passed health check."),
        Time("Edge:Timeouts:Stop", o => o.Timeouts.Stop,
            "For a replica to end when it is asked to, before it is killed: a child process, or a container that has no stop timeout of its own."),
    ];

    // Edge:Overload and Edge:Retries: how much is asked of the replicas.
    private static readonly OptionEntry[] s_overload =
    [
        Integer("Edge:Overload:InFlight", o => o.Overload.InFlight, 0, 1_000_000,
            "Requests in flight at a time; 0 is no limit. This and the next two are divided among the loops."),
        Integer("Edge:Overload:PerReplica", o => o.Overload.PerReplica, 0, 1_000_000,
            "Requests in flight on one replica at a time; 0 is no limit."),
        Integer("Edge:Overload:Queue", o => o.Overload.Queue, 0, 1_000_000,
            "Requests that wait for room, first in, first out; those for which there is none get 503 with Retry-After at once."),
        Time("Edge:Overload:QueueWait", o => o.Overload.QueueWait,
            "How long one waits at most; then it gets 503 with Retry-After."),
        Time("Edge:Overload:PauseWait", o => o.Overload.PauseWait,
            "The same while the service is paused by a call."),
        Integer("Edge:Overload:Connections", o => o.Overload.Connections, 0, 1_000_000,
            "Connections of clients; one more gets 503 and is closed. 0 is as many as there are "
            + "descriptors for: seven eighths of them, and others wait in the kernel's queue."),
        Integer("Edge:Overload:ConnectionsPerClient", o => o.Overload.ConnectionsPerClient, 0, 1_000_000,
            "Connections of one client's address; 0 is no limit, as behind another proxy all have one address.")
            with { IsReloadable = false },
        Integer("Edge:Overload:Handshakes", o => o.Overload.Handshakes, 1, 1_000_000,
            "TLS handshakes under way, divided among the loops; with one more, the oldest ends."),
        Integer("Edge:Overload:HandshakesPerClient", o => o.Overload.HandshakesPerClient, 0, 1_000_000,
            "TLS handshakes under way of one client's address; one more is closed. 0 is no limit.") with { IsReloadable = false },
        Integer("Edge:Retries:Attempts", o => o.Retries.Attempts, 1, 10,
            "How many replicas a request is sent to at most, where sending it again is safe."),
        Time("Edge:Retries:Within", o => o.Retries.Within, "No further attempt is begun after this."),
        Integer("Edge:Retries:BudgetPercent", o => o.Retries.BudgetPercent, 0, 100,
            "How many attempts beyond the first there may be, in percent of the requests of the last 10 s; what "
            + "is left behind by a replica that is lost, while another is sound, does not count."),
        Integer("Edge:Retries:BudgetPerSecond", o => o.Retries.BudgetPerSecond, 0, 1_000_000,
            "How many attempts beyond the first a second are allowed in any case."),
        List("Edge:Retries:Statuses", o => o.Retries.Statuses.Select(status => $"{status}"), "502, 503 or 504",
            "Statuses of a replica after which another is asked, for methods that may be repeated.",
            t => t is "502" or "503" or "504"),
    ];

    // Edge:Forwarding and Edge:ProxyProtocol: what is told to the replicas, and what is believed of others.
    private static readonly OptionEntry[] s_forwarding =
    [
        Switch("Edge:Forwarding:NameReplica", o => o.Forwarding.NameReplica,
            "Whether responses name their replica in X-Edge-Replica."),
        Switch("Edge:Forwarding:FinishAbandoned", o => o.Forwarding.FinishAbandoned,
            "Whether a replica gets to finish a request that it has got whole, when the client leaves, where "
            + "its method is not safe, as POST; GET, HEAD, PROPFIND and the like end at once."),
        Time("Edge:Forwarding:HalfCloseGrace", o => o.Forwarding.HalfCloseGrace,
            "How long a request that changes nothing (as GET, HEAD, OPTIONS, TRACE) waits for its answer, and between two parts "
            + "of it, once its client has sent the end of its direction (FIN): it may read on, or have left.",
            mayBeOff: true),
        Number("Edge:Forwarding:ConnectStatus", o => o.Forwarding.ConnectStatus, "405 or 501",
            "What CONNECT is refused with: a method that is not allowed, or one that nobody knows.", t => t is "405" or "501"),
        Text("Edge:Forwarding:Via", o => o.Forwarding.Via, "empty, or a token: letters, digits and !#$%&'*+-.^_`|~ without spaces",
            "The pseudonym that responses carry in Via; empty for no Via.", t => t.Length == 0 || OptionValues.IsToken(t)),
        Switch("Edge:Forwarding:ViaToReplicas", o => o.Forwarding.ViaToReplicas,
            "Whether requests carry it, too, as RFC 9110 (7.6.3) asks of a gateway. Some servers do "
            + "not compress for requests that do, as nginx without gzip_proxied."),
        Choice("Edge:Forwarding:Underscores", o => o.Forwarding.Underscores.ToString(), "Pass or Remove",
            "What becomes of a request's fields with an underscore in their names. Other "
            + "spellings of fields that Edge knows are removed in any case."),
        Choice("Edge:Forwarding:RequestId", o => o.Forwarding.RequestId.ToString(), "Pass, Make or Replace",
            "What becomes of X-Request-ID: what the client sends is passed on; one is made where "
            + "it sends none that is well formed; or one is made for each request."),
        Switch("Edge:Forwarding:StartTraces", o => o.Forwarding.StartTraces,
            "Whether a request without a good traceparent (W3C Trace Context) gets one; one that has it keeps it in any case."),
        List("Edge:Forwarding:TrustedProxies", o => o.Forwarding.TrustedProxies, "a network as 10.0.0.0/8 or fd00::/8",
            "Peers whose X-Forwarded-* fields are believed.", t => IPNetwork.TryParse(t, out _)),
        List("Edge:ProxyProtocol:From", o => o.ProxyProtocol.From, "a network as 10.0.0.0/8 or fd00::/8",
            "Peers whose connections to Edge:Listen have to begin with a header of the PROXY "
            + "protocol, version 1 or 2; from all others it is a bad request.",
            t => IPNetwork.TryParse(t, out _)),
    ];

    // Edge:Limits.
    private static readonly OptionEntry[] s_limits =
    [
        Integer("Edge:Limits:HeadBytes", o => o.Limits.HeadBytes, 1024, Limits.HeadBytes,
            "Bytes of a request's head; 431 beyond."),
        Integer("Edge:Limits:HeaderFields", o => o.Limits.HeaderFields, 8, Limits.HeaderFields,
            "Header fields of a request; 431 beyond."),
        Integer("Edge:Limits:TargetBytes", o => o.Limits.TargetBytes, 64, Limits.TargetBytes,
            "Bytes of a request's target; 414 beyond."),
        Integer("Edge:Limits:BodyKiB", o => o.Limits.BodyKiB, 0, int.MaxValue,
            "KiB of a request's body, without its chunk framing; 413 beyond. 0 is no limit."),
        Integer("Edge:Limits:BodyBytesPerSecond", o => o.Limits.BodyBytesPerSecond, 0, 1_000_000_000,
            "Bytes a second at which a request's body has to come, on average since its beginning, while more "
            + "than half of the connections or of the requests in flight that there may be are taken; 408 below. "
            + "With more room, Edge:Timeouts:BodyIdle alone holds. 0 is no limit."),
        Integer("Edge:Limits:RequestsPerConnection", o => o.Limits.RequestsPerConnection, 0, 1_000_000_000,
            "Requests of one connection; the last one's response says that it closes. 0 is no limit."),
        Integer("Edge:Limits:Pipelined", o => o.Limits.Pipelined, 0, 1_000_000,
            "Requests in a row that a client sends before it has the response to the one before; the "
            + "last one's response says that the connection closes. 0 is no limit."),
    ];
    private static readonly OptionEntry[] s_https =
    [
        new("Edge:Tls:Redirect", "text", o => o.Tls.Redirect, "off, on, or the port at which clients find https",
            "Whether requests without TLS get 308 to the same address with https: on is the port of the first https:// of Edge:Listen.",
            text => OptionValues.ParseRedirect(text) is not null),
        new("Edge:Tls:Hsts", "duration", o => Durations.Show(o.Tls.Hsts), "0s for none, or 1s up to 3650d, as 365d",
            "How long browsers use https alone for a host that they reached over https (Strict-Transport-Security).", OptionValues.IsHsts),
        Switch("Edge:Tls:HstsSubdomains", o => o.Tls.HstsSubdomains, "Whether that holds for the names below the host's, too."),
    ];

    // Edge:Access.
    private static readonly OptionEntry[] s_access =
    [
        List("Edge:Access:Allow", o => o.Access.Allow, "a network as 10.0.0.0/8 or fd00::/8, or an address",
            "Whose requests are forwarded, by the client's address; all others get 403. None given is everybody's.",
            t => AccessOptions.ParseNetwork(t) is not null),
        Integer("Edge:Access:Rate", o => o.Access.Rate, 0, 1_000_000,
            "Requests a second of one client's address, or of one /64 of IPv6, on all loops together; 429 with Retry-After beyond. 0 is no limit."),
        Integer("Edge:Access:Burst", o => o.Access.Burst, 0, 1_000_000,
            "How many of them may come at once, after a pause; 0 is as many as in a second."),
        List("Edge:Access:Users", o => o.Access.Users, "name:sha256:salt:hash, as edge hash-password prints it",
            "Users, one of whom has to come with each request (Basic, RFC 7617); without that it is 401. Authorization then does not go on to the replica.",
            t => AccessOptions.ParseUser(t) is not null) with { IsSecret = true },
        Text("Edge:Access:Realm", o => o.Access.Realm, "1 to 64 visible characters of ASCII without quotes and backslashes",
            "What browsers show to whoever is asked for a user.", AccessOptions.IsRealm),
    ];

    // Edge:Sticky.
    private static readonly OptionEntry[] s_sticky =
    [
        Switch("Edge:Sticky", o => o.Sticky,
            "Whether clients get a cookie by which their next requests go to the same replica, as long as it takes requests and has room for them."),
    ];

    // Edge:Answers.
    private static readonly OptionEntry[] s_answers =
    [
        List("Edge:Answers:Set", o => o.Answers.Set,
            "Name: value, of up to 1024 visible characters of ASCII; no field that belongs to a hop (as Connection), frames or codes a message, "
            + "no Date and no Via",
            "Fields that every answer carries. Each takes the place of the replica's own ones with its name.", t => AnswerOptions.ParseField(t) is not null),
        List("Edge:Answers:Remove", o => o.Answers.Remove, "the name of a field, with the same exceptions",
            "Fields of a replica's answers that clients do not get, as Server.", AnswerOptions.IsFree),
        Text("Edge:Answers:ErrorPage", o => o.Answers.ErrorPage, "empty, or the path of a file of up to 64 KiB",
            "A page in HTML that browsers get with the balancer's own 502, 503 and 504. It is read at the start and at each reload.",
            t => t.Length == 0 || OptionValues.IsFile(t)),
        Text("Edge:Answers:MaintenancePage", o => o.Answers.MaintenancePage, "empty, or the path of a file of up to 64 KiB",
            "The same while the service is paused or stopped by a call; without it, they get Edge:Answers:ErrorPage.",
            t => t.Length == 0 || OptionValues.IsFile(t)),
        Items("Edge:Answers:Redirects", "From", o => o.Answers.Redirects.Select(r => r.From),
            "a path as /old, without percent signs and semicolons, and without . and .. as segments",
            "A path that has moved: requests for it, and for all paths below, get 308. The longest one counts. A path that may mean two "
            + "things is not redirected.",
            text => OptionValues.ParsePath(text) is not null),
        Items("Edge:Answers:Redirects", "To", o => o.Answers.Redirects.Select(r => r.To),
            "a path as /new, or http:// or https:// with a host and, if wanted, a port and a path; without query",
            "Where it has moved to. What follows the path in the request, and its query, are put behind it.", RedirectOptions.IsTo),
    ];
}
