using System.Globalization;
using System.Net;

namespace Edge.Config;

/// <summary>All options. The checks, <c>--help</c> and the table in docs/configuration.md are made from this list.</summary>
internal static class OptionsCatalog
{
    /// <summary>Half of the slots: while every replica is replaced, the old replicas still have theirs.</summary>
    internal const int FleetAtMost = Limits.Replicas / 2;

    private const string Duration = "longer than 0 and up to a day, as 30s, 500ms, 1m30s or hh:mm:ss";

    private const string EndpointForms = "IPv4:port, [IPv6]:port, localhost:port, *:port (every address, of IPv4 and IPv6) or :port (the same)";

    internal static readonly IReadOnlyList<OptionEntry> All =
    [
        new("Edge:Listen", "address", o => o.Listen, EndpointForms + ", each also with http:// or https:// before it; several as a list or separated by commas; port 0 lets the kernel choose", "Where clients come in; without a scheme it is http, and with https:// they speak TLS.", text => OptionValues.ParseListen(text) is not null) { Alias = new("--listen", "ADDRESS"), IsReloadable = false, TakesSeveral = true },
        Integer("Edge:Loops", o => o.Loops, 0, Limits.Loops, "Event loops, each a thread; 0 is one a processor.") with { IsReloadable = false },
        Switch("Edge:IoUring", o => o.IoUring, "Whether a loop sends to many connections by one call, through io_uring, where the kernel lets it; else one by one.") with { IsReloadable = false },
        Text("Edge:User", o => o.User, "empty, or uid, uid:gid or uid:gid,gid,… as numbers, the uid not 0", "Whom the process becomes once it listens, so that it can be started as root for a port below 1024; empty for nobody else.", t => t.Length == 0 || OptionValues.ParseUser(t) is not null) with { Alias = new("--user", "UID[:GID]"), IsReloadable = false },
        new("Edge:Control:Listen", "address", o => o.Control.Listen, "empty, or " + EndpointForms, "Where the balancer's own paths are served, without TLS; empty puts them beside the forwarded ones. An address of Edge:Listen puts them there, beside the forwarded ones.", text => text.Length == 0 || OptionValues.ParseEndpoint(text) is not null) { Alias = new("--control", "ADDRESS"), IsReloadable = false },
        Text("Edge:Control:Token", o => o.Control.Token, $"text without spaces and control characters, up to {Limits.TokenBytes} bytes", "What callers of the balancer's own paths send as Authorization: Bearer; empty allows callers from loopback only.", OptionValues.IsSecret) with { IsSecret = true },
        List("Edge:Control:Hosts", o => o.Control.Hosts, "a host name without a port", "Names under which the balancer's own paths may be called from loopback where there is no token, beside localhost and addresses.", OptionValues.IsHostName),
        Switch("Edge:Control:Drill", o => o.Control.Drill, "Whether POST /edge/drill may make a replica fail."),
        Time("Edge:Timeouts:RequestHead", o => o.Timeouts.RequestHead, "From the first byte of a request to the end of its head."),
        Time("Edge:Timeouts:ResponseHead", o => o.Timeouts.ResponseHead, "From the whole request sent to the end of the response's head."),
        Time("Edge:Timeouts:Connect", o => o.Timeouts.Connect, "To reach a replica."),
        Time("Edge:Timeouts:Drain", o => o.Timeouts.Drain, "For requests in flight to finish, when a replica is removed and when the balancer ends."),
        Time("Edge:Timeouts:ClientIdle", o => o.Timeouts.ClientIdle, "Between two requests of a client's connection; longer than a balancer in front keeps its own (60 s is common), which else meets closed ones."),
        Time("Edge:Timeouts:PoolIdle", o => o.Timeouts.PoolIdle, "How long a connection to a replica is kept for the next request; less where a replica is seen to close sooner."),
        Time("Edge:Timeouts:BodyIdle", o => o.Timeouts.BodyIdle, "Without progress, while a body is on its way."),
        Time("Edge:Timeouts:BodyGrace", o => o.Timeouts.BodyGrace, "How long a request's body may take before Edge:Limits:BodyBytesPerSecond counts."),
        Time("Edge:Timeouts:Request", o => o.Timeouts.Request, "The whole of a request, from its head to the end of its response.", mayBeOff: true),
        Time("Edge:Timeouts:Tunnel", o => o.Timeouts.Tunnel, "Without a byte in either direction, after a connection has changed to another protocol (Upgrade, as for WebSocket)."),
        Time("Edge:Timeouts:Start", o => o.Timeouts.Start, "From the start of a replica to its first passed health check."),
        Time("Edge:Timeouts:Stop", o => o.Timeouts.Stop, "For a replica to end when it is asked to, before it is killed: a child process, or a container that has no stop timeout of its own."),
        Text("Edge:Fleet:Name", o => o.Fleet.Name, "1 to 63 letters, digits, _ . -, the first a letter or digit", "What tells this balancer's replicas from another's.", OptionValues.IsName) with { Alias = new("--name", "NAME"), IsReloadable = false },
        Choice("Edge:Fleet:Driver", o => o.Fleet.Driver.ToString(), "auto, docker, process or static", "Who runs the replicas: containers, child processes, or somebody else (static). auto is static where addresses are given; docker where anything under Edge:Docker or Edge:Health, Edge:Fleet:Name or DOCKER_HOST is set, or an engine's socket is there and either does not answer, or answers and the balancer runs in a container, listens not only on loopback, or has containers of the fleet; else process.") with { IsReloadable = false },
        Integer("Edge:Fleet:Replicas", o => o.Fleet.Replicas, 0, FleetAtMost, "How many replicas run after the start.") with { Alias = new("--replicas", "N"), IsReloadable = false },
        Integer("Edge:Fleet:Minimum", o => o.Fleet.Minimum, 0, FleetAtMost, "How many replicas a removal must leave."),
        Integer("Edge:Fleet:Maximum", o => o.Fleet.Maximum, 1, FleetAtMost, "How many replicas there may be."),
        Time("Edge:Fleet:SlowStart", o => o.Fleet.SlowStart, "How long the share of a replica that is new or back grows from a tenth to the whole; not where no other has been in rotation for as long.", mayBeOff: true),
        Choice("Edge:Fleet:Pick", o => o.Fleet.Pick.ToString(), "LessLoaded or RoundRobin", "Which replica a request goes to: the one with the fewest requests in flight for its weight (of more than 16, the better of two), where several are equal each in turn by weight; or each in turn by weight whatever they have to do. What failed counts as in flight for a second more."),
        List("Edge:Fleet:Addresses", o => o.Fleet.Addresses, "host:port or host:port;weight=W, W from 1 to 256", "The servers of a static fleet.", t => OptionValues.ParseAddress(t) is not null) with { Alias = new("--address", "HOST:PORT"), IsReloadable = false },
        Text("Edge:Docker:Network", o => o.Docker.Network, "1 to 63 letters, digits, _ . -, the first a letter or digit", "The network on which the balancer reaches its containers.", OptionValues.IsName) with { Alias = new("--network", "NAME"), IsReloadable = false },
        List("Edge:Docker:Networks", o => o.Docker.Networks, "name, or name=alias", "More networks for new replicas; an alias is a name under which others find them there. Also further aliases on Edge:Docker:Network.", t => DockerValues.ParseNetwork(t) is not null) with { IsReloadable = false },
        Text("Edge:Docker:Image", o => o.Docker.Image, "empty, or an image as docker run takes it", "What new replicas are made of, with what the keys below say; empty makes them like the newest replica of the fleet that the balancer did not make.", OptionValues.IsSecret) with { Alias = new("--image", "IMAGE"), IsReloadable = false },
        List("Edge:Docker:EntryPoint", o => o.Docker.EntryPoint, "text", "The entry point of new replicas, with its first arguments; none is what the image says.", _ => true) with { IsReloadable = false, Shows = OptionShows.WhetherSet },
        List("Edge:Docker:Command", o => o.Docker.Command, "text", "The arguments of the entry point; none is what the image says. A first one of replica asks for the built-in replica, of the balancer's own image where it runs in a container and no other image is known.", _ => true) with { IsReloadable = false, Shows = OptionShows.WhetherSet },
        List("Edge:Docker:Environment", o => o.Docker.Environment, "NAME=value", "The environment of new replicas, beside SERVER_ID and PORT.", t => t.IndexOf('=', StringComparison.Ordinal) > 0) with { Alias = new("--env", "NAME=VALUE"), IsReloadable = false, Shows = OptionShows.Names },
        Text("Edge:Docker:EnvFile", o => o.Docker.EnvFile, "empty, or the path of a file as docker run --env-file takes it", "More of their environment, from a file that is read at the start; Edge:Docker:Environment overrides it.", _ => true) with { IsReloadable = false },
        List("Edge:Docker:Labels", o => o.Docker.Labels, "NAME=value, the name not beginning with edge. or com.docker.compose.", "More labels of new replicas.", DockerValues.IsLabel) with { IsReloadable = false, Shows = OptionShows.Names },
        Text("Edge:Docker:User", o => o.Docker.User, "empty, or user or user:group, by name or number", "Whom the programs of new replicas run as; empty is what the image says.", DockerValues.IsUser) with { IsReloadable = false },
        List("Edge:Docker:Volumes", o => o.Docker.Volumes, "name:/path or /host/path:/path, each also with :ro, :z or :Z; or /path", "What is mounted into new replicas: a named volume, a file or folder of the host, or an anonymous volume of each one's own.", t => DockerValues.ParseVolume(t) is not null) with { IsReloadable = false },
        Integer("Edge:Docker:Port", o => o.Docker.Port, 0, 65535, "Where replicas listen; the label edge.port of a container overrides it. 0 is the one TCP port that the image exposes. New replicas are told it as PORT.") with { Alias = new("--port", "PORT"), IsReloadable = false },
        Time("Edge:Docker:StopTimeout", o => o.Docker.StopTimeout, "How long new replicas may take to end before the engine kills them; none is the engine's own 10 s.", mayBeOff: true) with { IsReloadable = false },
        Integer("Edge:Docker:MemoryMiB", o => o.Docker.MemoryMiB, 0, 1 << 20, "The memory of a new replica in MiB, from 6 on; 0 is no limit.") with { IsReloadable = false },
        Integer("Edge:Docker:CpuPercent", o => o.Docker.CpuPercent, 0, 100 * 1024, "The processor time of a new replica, 100 being one processor; 0 is no limit.") with { IsReloadable = false },
        Integer("Edge:Docker:Processes", o => o.Docker.Processes, 0, 1 << 20, "The processes and threads of a new replica; 0 is no limit.") with { IsReloadable = false },
        Switch("Edge:Docker:ReadOnly", o => o.Docker.ReadOnly, "Whether a new replica's file system is read-only, but for /tmp, /run and volumes.") with { IsReloadable = false },
        Switch("Edge:Docker:NoNewPrivileges", o => o.Docker.NoNewPrivileges, "Whether a new replica's programs can gain privileges by being executed: true is no.") with { IsReloadable = false },
        List("Edge:Docker:KeepCapabilities", o => o.Docker.KeepCapabilities, "a capability as NET_BIND_SERVICE or CHOWN, ALL, or NONE", "Capabilities that a new replica keeps, all others being dropped; none given is the engine's own set, NONE is to keep none.", OptionValues.IsName) with { IsReloadable = false },
        Switch("Edge:Docker:Pull", o => o.Docker.Pull, "Whether an image that the engine does not have is pulled.") with { IsReloadable = false },
        Text("Edge:Health:Path", o => o.Health.Path, "empty, or a path that starts with /", "What a health check asks a replica for; empty is /heartbeat, and then any answer below 500 will do. The label edge.health of a container overrides it.", t => t.Length == 0 || OptionValues.IsPath(t)) with { Alias = new("--health", "PATH") },
        Text("Edge:Health:Host", o => o.Health.Host, "empty, or a host name or an address, with or without a port", "The Host field of health checks; empty is the replica's address and port. The label edge.host of a container overrides it.", t => t.Length == 0 || OptionValues.IsHostField(t)),
        Text("Edge:Health:Statuses", o => o.Health.Statuses, "empty, or statuses and ranges of them from 100 to 599, as 200-299,401", "The statuses that pass a health check; empty is 200-399 where a path is configured, by option or by label, and 100-499 where none is.", t => t.Length == 0 || OptionValues.ParseStatuses(t) is not null),
        Switch("Edge:Health:Off", o => o.Health.Off, "Whether there are no health checks: then all servers of a static fleet are in rotation, whatever becomes of them. For static fleets only."),
        Time("Edge:Health:Interval", o => o.Health.Interval, "Between two health checks of a replica."),
        Time("Edge:Health:StartInterval", o => o.Health.StartInterval, "Between two health checks of a replica that has not passed one yet."),
        Time("Edge:Health:Timeout", o => o.Health.Timeout, "How long one health check may take."),
        Integer("Edge:Health:Rise", o => o.Health.Rise, 1, 100, "Checks to pass in a row until an unhealthy replica is in rotation again."),
        Integer("Edge:Health:Fall", o => o.Health.Fall, 1, 100, "Checks to fail in a row until a healthy replica is out of rotation."),
        Time("Edge:Health:Patience", o => o.Health.Patience, "How long a replica that the balancer made fails every check, after it has left the rotation, until it is made anew."),
        Switch("Edge:Health:Restart", o => o.Health.Restart, "Whether a replica that the balancer did not make, and that has failed every check for as long, is stopped and started again; it is never removed for that."),
        Switch("Edge:Health:Panic", o => o.Health.Panic, "Whether the servers of a static fleet are asked all the same where all of them fail their health checks; else it is 503. Replicas that the balancer runs itself are never asked while they fail their checks: they are started anew."),
        Integer("Edge:Ejection:Failures", o => o.Ejection.Failures, 0, 1_000_000, "Requests that a replica fails in a row (connection, reset, timeout, malformed response), as one loop counts them, until it is out of rotation for a time; 0 is never. Timeouts and malformed responses of one page alone do not count where nothing else is known against the replica."),
        Switch("Edge:Ejection:Status5xx", o => o.Ejection.Status5xx, "Whether a status of 500 or more counts as such a failure."),
        Time("Edge:Ejection:BaseTime", o => o.Ejection.BaseTime, "How long it is out at first; each further time one more of it. It comes back on trial: the first failure throws it out again."),
        Time("Edge:Ejection:MaxTime", o => o.Ejection.MaxTime, "How long it is out at most."),
        Integer("Edge:Ejection:MaxPercent", o => o.Ejection.MaxPercent, 0, 100, "How many percent of the replicas may be out for this at one time."),
        Integer("Edge:Overload:InFlight", o => o.Overload.InFlight, 0, 1_000_000, "Requests in flight at a time; 0 is no limit. This and the next two are divided among the loops."),
        Integer("Edge:Overload:PerReplica", o => o.Overload.PerReplica, 0, 1_000_000, "Requests in flight on one replica at a time; 0 is no limit."),
        Integer("Edge:Overload:Queue", o => o.Overload.Queue, 0, 1_000_000, "Requests that wait for room, first in, first out; those for which there is none get 503 with Retry-After at once."),
        Time("Edge:Overload:QueueWait", o => o.Overload.QueueWait, "How long one waits at most; then it gets 503 with Retry-After."),
        Integer("Edge:Overload:Connections", o => o.Overload.Connections, 0, 1_000_000, "Connections of clients; one more gets 503 and is closed. 0 is as many as there are descriptors for: seven eighths of them, and others wait in the kernel's queue."),
        Integer("Edge:Overload:ConnectionsPerClient", o => o.Overload.ConnectionsPerClient, 0, 1_000_000, "Connections of one client's address; 0 is no limit, as behind another proxy all have one address.") with { IsReloadable = false },
        Integer("Edge:Retries:Attempts", o => o.Retries.Attempts, 1, 10, "How many replicas a request is sent to at most, where sending it again is safe."),
        Time("Edge:Retries:Within", o => o.Retries.Within, "No further attempt is begun after this."),
        Integer("Edge:Retries:BudgetPercent", o => o.Retries.BudgetPercent, 0, 100, "How many attempts beyond the first there may be, in percent of the requests of the last 10 s; what is left behind by a replica that is lost, while another is sound, does not count."),
        Integer("Edge:Retries:BudgetPerSecond", o => o.Retries.BudgetPerSecond, 0, 1_000_000, "How many attempts beyond the first a second are allowed in any case."),
        List("Edge:Retries:Statuses", o => o.Retries.Statuses.Select(status => $"{status}"), "502, 503 or 504", "Statuses of a replica after which another is asked, for methods that may be repeated.", t => t is "502" or "503" or "504"),
        Switch("Edge:Forwarding:NameReplica", o => o.Forwarding.NameReplica, "Whether responses name their replica in X-Edge-Replica."),
        Switch("Edge:Forwarding:FinishAbandoned", o => o.Forwarding.FinishAbandoned, "Whether a replica gets to finish a request that it has got whole, when the client leaves, where its method is not safe, as POST; GET, HEAD, PROPFIND and the like end at once."),
        Time("Edge:Forwarding:HalfCloseGrace", o => o.Forwarding.HalfCloseGrace, "How long a request that changes nothing (as GET, HEAD, OPTIONS, TRACE) waits for its answer, and between two parts of it, once its client has sent the end of its direction (FIN): it may read on, or have left.", mayBeOff: true),
        Number("Edge:Forwarding:ConnectStatus", o => o.Forwarding.ConnectStatus, "405 or 501", "What CONNECT is refused with: a method that is not allowed, or one that nobody knows.", t => t is "405" or "501"),
        Text("Edge:Forwarding:Via", o => o.Forwarding.Via, "empty, or a token: letters, digits and !#$%&'*+-.^_`|~ without spaces", "The pseudonym that responses carry in Via; empty for no Via.", t => t.Length == 0 || OptionValues.IsToken(t)),
        Switch("Edge:Forwarding:ViaToReplicas", o => o.Forwarding.ViaToReplicas, "Whether requests carry it, too, as RFC 9110 (7.6.3) asks of a gateway. Some servers do not compress for requests that do, as nginx without gzip_proxied."),
        Choice("Edge:Forwarding:Underscores", o => o.Forwarding.Underscores.ToString(), "Pass or Remove", "What becomes of a request's fields with an underscore in their names. Other spellings of fields that Edge knows are removed in any case."),
        Choice("Edge:Forwarding:RequestId", o => o.Forwarding.RequestId.ToString(), "Pass, Make or Replace", "What becomes of X-Request-ID: what the client sends is passed on; one is made where it sends none that is well formed; or one is made for each request."),
        Switch("Edge:Forwarding:StartTraces", o => o.Forwarding.StartTraces, "Whether a request without a good traceparent (W3C Trace Context) gets one; one that has it keeps it in any case."),
        List("Edge:Forwarding:TrustedProxies", o => o.Forwarding.TrustedProxies, "a network as 10.0.0.0/8 or fd00::/8", "Peers whose X-Forwarded-* fields are believed.", t => IPNetwork.TryParse(t, out _)),
        List("Edge:ProxyProtocol:From", o => o.ProxyProtocol.From, "a network as 10.0.0.0/8 or fd00::/8", "Peers whose connections to Edge:Listen have to begin with a header of the PROXY protocol, version 1 or 2; from all others it is a bad request.", t => IPNetwork.TryParse(t, out _)),
        Integer("Edge:Limits:HeadBytes", o => o.Limits.HeadBytes, 1024, Limits.HeadBytes, "Bytes of a request's head; 431 beyond."),
        Integer("Edge:Limits:HeaderFields", o => o.Limits.HeaderFields, 8, Limits.HeaderFields, "Header fields of a request; 431 beyond."),
        Integer("Edge:Limits:TargetBytes", o => o.Limits.TargetBytes, 64, Limits.TargetBytes, "Bytes of a request's target; 414 beyond."),
        Integer("Edge:Limits:BodyKiB", o => o.Limits.BodyKiB, 0, int.MaxValue, "KiB of a request's body, without its chunk framing; 413 beyond. 0 is no limit."),
        Integer("Edge:Limits:BodyBytesPerSecond", o => o.Limits.BodyBytesPerSecond, 0, 1_000_000_000, "Bytes a second at which a request's body has to come, on average since its beginning, while more than half of the connections or of the requests in flight that there may be are taken; 408 below. With more room, Edge:Timeouts:BodyIdle alone holds. 0 is no limit."),
        Integer("Edge:Limits:RequestsPerConnection", o => o.Limits.RequestsPerConnection, 0, 1_000_000_000, "Requests of one connection; the last one's response says that it closes. 0 is no limit."),
        Integer("Edge:Limits:Pipelined", o => o.Limits.Pipelined, 0, 1_000_000, "Requests in a row that a client sends before it has the response to the one before; the last one's response says that the connection closes. 0 is no limit."),
        Choice("Edge:AccessLog:Format", o => o.AccessLog.Format.ToString(), "Off, Json or Combined", "One line a request: none, a JSON object, or the combined log format."),
        Text("Edge:AccessLog:File", o => o.AccessLog.File, "empty, or a path", "Where the access log goes; empty is standard output. SIGHUP opens it anew.", _ => true),
        Integer("Edge:AccessLog:Sample", o => o.AccessLog.Sample, 1, 1_000_000, "Of how many requests one is logged, as each loop counts them."),
    ];

    /// <summary>The entry of a key with a value, in any case of its letters; null if there is none.</summary>
    internal static OptionEntry? Find(string path)
    {
        foreach (OptionEntry entry in All)
        {
            bool matches = entry.IsList ? IsItemOf(entry.Key, path) : path.Equals(entry.Key, StringComparison.OrdinalIgnoreCase);
            if (matches)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>
    /// The entry that was probably meant by a key that does not exist: one with the same last word, or else the most similar one; null if there is
    /// none.
    /// </summary>
    internal static OptionEntry? Meant(string path)
    {
        string last = path[(path.LastIndexOf(':') + 1)..];
        return All.FirstOrDefault(entry => entry.Key.EndsWith(":" + last, StringComparison.OrdinalIgnoreCase))
            ?? (Nearest.Of(path, All.Select(entry => entry.Key)) is { } key ? All.First(entry => entry.Key == key) : null);
    }

    /// <summary>Whether a text could be the mistyped key of a secret.</summary>
    internal static bool MayBeSecret(string path) =>
        path.Contains("Control", StringComparison.OrdinalIgnoreCase) || path.Contains("Token", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a path without a value of its own is a section or a list; these may be empty.</summary>
    internal static bool IsSection(string path) => All.Any(entry =>
        (entry.IsList && entry.Key.Equals(path, StringComparison.OrdinalIgnoreCase))
        || entry.Key.StartsWith(path + ":", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a path is that of one item of a list.</summary>
    internal static bool IsItemOf(string list, string path) =>
        path.Length > list.Length + 1
        && path.StartsWith(list, StringComparison.OrdinalIgnoreCase)
        && path[list.Length] == ':'
        && path.AsSpan(list.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0;

    private static OptionEntry Integer(string key, Func<EdgeOptions, int> read, int least, int most, string description) =>
        Number(key, read, $"{least} to {most}", description, text => OptionValues.TryParseInteger(text, least, most, out _));

    private static OptionEntry Number(string key, Func<EdgeOptions, int> read, string allowed, string description, Func<string, bool> check) =>
        new(key, "number", options => read(options).ToString(CultureInfo.InvariantCulture), allowed, description, check);

    private static OptionEntry Time(string key, Func<EdgeOptions, TimeSpan> read, string description, bool mayBeOff = false) =>
        new(key, "duration", options => Durations.Show(read(options)), mayBeOff ? "0s for none, or " + Duration : Duration, description,
            text => OptionValues.IsDuration(text) || (mayBeOff && Durations.Parse(text) == TimeSpan.Zero));

    private static OptionEntry Switch(string key, Func<EdgeOptions, bool> read, string description) =>
        new(key, "switch", options => read(options) ? "true" : "false", "true or false", description, text => bool.TryParse(text, out _));

    private static OptionEntry List(
        string key, Func<EdgeOptions, IEnumerable<string>> read, string allowed, string description, Func<string, bool> check) =>
        new(key, "list", options => string.Join('\n', read(options)), allowed, description, check) { IsList = true };

    private static OptionEntry Text(string key, Func<EdgeOptions, string> read, string allowed, string description, Func<string, bool> check) =>
        new(key, "text", read, allowed, description, check);

    /// <summary>The name of an enum value, in any case. The allowed names are written as they are shown: "A, B or C".</summary>
    private static OptionEntry Choice(string key, Func<EdgeOptions, string> read, string allowed, string description)
    {
        string[] words = allowed.Split([", ", " or "], StringSplitOptions.None);
        return new(key, "choice", options => Array.Find(words, word => IsOne(word, read(options)))!, allowed, description, text => Array.Exists(words, word => IsOne(word, text)));

        static bool IsOne(string word, string text) => word.Equals(text, StringComparison.OrdinalIgnoreCase);
    }
}
