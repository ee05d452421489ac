namespace Edge.Config;

internal static partial class OptionsCatalog
{
    // Half of the slots: while every replica is replaced, the old replicas still have theirs.
    private const int FleetAtMost = Limits.Replicas / 2;

    // Edge:Fleet.
    private static readonly OptionEntry[] s_fleet =
    [
        Text("Edge:Fleet:Name", o => o.Fleet.Name, "1 to 63 letters, digits, _ . -, the first a letter or digit",
            "What tells this balancer's replicas from another's.", OptionValues.IsName)
            with { Alias = new("--name", "NAME"), IsReloadable = false },
        Choice("Edge:Fleet:Driver", o => o.Fleet.Driver.ToString(), "auto, docker, process or static",
            "Who runs the replicas: containers, child processes, or somebody else (static). auto is static where addresses "
            + "are given; docker where anything under Edge:Docker or Edge:Health, Edge:Fleet:Name or DOCKER_HOST is set, or "
            + "an engine's socket is there and either does not answer, or answers and the balancer runs in a container, "
            + "listens not only on loopback, or has containers of the fleet; else process.") with { IsReloadable = false },
        Integer("Edge:Fleet:Replicas", o => o.Fleet.Replicas, 0, FleetAtMost,
            "How many replicas run after the start.") with { Alias = new("--replicas", "N"), IsReloadable = false },
        Integer("Edge:Fleet:Minimum", o => o.Fleet.Minimum, 0, FleetAtMost,
            "How many replicas a removal must leave."),
        Integer("Edge:Fleet:Maximum", o => o.Fleet.Maximum, 1, FleetAtMost, "How many replicas there may be."),
        Time("Edge:Fleet:SlowStart", o => o.Fleet.SlowStart,
            "How long the share of a replica that is new or back grows from a tenth to the "
            + "whole; not where no other has been in rotation for as long.",
            mayBeOff: true),
        Choice("Edge:Fleet:Pick", o => o.Fleet.Pick.ToString(), "LessLoaded or RoundRobin",
            "Which replica a request goes to: the one with the fewest requests in flight for its weight (of more "
            + "than 16, the better of two), where several are equal each in turn by weight; or each in turn by weight "
            + "whatever they have to do. What failed counts as in flight for a second more."),
        List("Edge:Fleet:Addresses", o => o.Fleet.Addresses, "host:port or https://host:port, also with ;weight=W behind it, W from 1 to 256",
            "The servers of a static fleet; to those with https:// Edge speaks TLS.", t => OptionValues.ParseAddress(t) is not null)
            with { Alias = new("--address", "HOST:PORT"), IsReloadable = false },
    ];

    // Edge:Scale.
    private static readonly OptionEntry[] s_scale =
    [
        Integer("Edge:Scale:Maximum", o => o.Scale.Maximum, 0, FleetAtMost,
            "How many replicas there may be while their number follows the load; 0: it does not."),
        Text("Edge:Scale:Minimum", o => o.Scale.Minimum, $"empty, or 0 to {FleetAtMost}",
            "How many there are in any case; 0 lets the service sleep when nobody asks. Empty is Edge:Fleet:Replicas.",
            t => t.Length == 0 || ScaleOptions.ParseMinimum(t) is not null),
        Integer("Edge:Scale:InFlight", o => o.Scale.InFlight, 1, 1_000_000,
            "How many requests one replica works at; what it gets beyond that waits inside of it."),
        Integer("Edge:Scale:Percent", o => o.Scale.Percent, 1, 100,
            "How much of that it is to have: the rest takes up what comes while others are started."),
        new("Edge:Scale:Window", "duration", o => Durations.Show(o.Scale.Window), "1s to 10m",
            "The time over which the load is averaged; what a sudden load needed stays for as long.", IsWindow),
        new("Edge:Scale:Burst", "duration", o => Durations.Show(o.Scale.Burst), "1s to 10m",
            "The short time over which a sudden load is seen.", IsWindow),
        Integer("Edge:Scale:Starting", o => o.Scale.Starting, 1, FleetAtMost, "How many are started at the same time."),
        Time("Edge:Scale:Down", o => o.Scale.Down,
            "How long fewer have to be enough before one is ended, then one each 30 s; and how long what calls added or removed is left as it is."),
        Time("Edge:Scale:Sleep", o => o.Scale.Sleep,
            "After how long without a request, a waiting one or a tunnel the service sleeps, where Edge:Scale:Minimum is 0."),
        Time("Edge:Scale:Wake", o => o.Scale.Wake,
            "How long a request that wakes the service is held at most; then it gets 503 with Retry-After."),
        Choice("Edge:Scale:Asleep", o => o.Scale.Asleep.ToString(), "Stop or Pause",
            "What becomes of the replicas of a service that sleeps: stopped, or paused, which keeps their memory and wakes faster."),
        List("Edge:Scale:Ignore", o => o.Scale.Ignore, "a path as /health, or a part of a User-Agent as UptimeRobot, of up to 256 characters",
            "Requests of monitors: they neither wake the service nor keep it awake. While it sleeps they get 503 with Retry-After.",
            ScaleOptions.IsIgnorable),
        Switch("Edge:Scale:Page", o => o.Scale.Page,
            "Whether browsers that ask for a page get one at once that loads itself again while the service wakes (503); all else is held."),
    ];

    // Edge:Docker.
    private static readonly OptionEntry[] s_docker =
    [
        Text("Edge:Docker:Network", o => o.Docker.Network, "1 to 63 letters, digits, _ . -, the first a letter or digit",
            "The network on which the balancer reaches its containers.", OptionValues.IsName)
            with { Alias = new("--network", "NAME"), IsReloadable = false },
        List("Edge:Docker:Networks", o => o.Docker.Networks, "name, or name=alias",
            "More networks for new replicas; an alias is a name under which others find them there. Also further aliases on Edge:Docker:Network.",
            t => DockerValues.ParseNetwork(t) is not null) with { IsReloadable = false },
        Text("Edge:Docker:Image", o => o.Docker.Image, "empty, or an image as docker run takes it",
            "What new replicas are made of, with what the keys below say; empty makes them like "
            + "the newest replica of the fleet that the balancer did not make.",
            OptionValues.IsSecret) with { Alias = new("--image", "IMAGE"), IsReloadable = false },
        List("Edge:Docker:EntryPoint", o => o.Docker.EntryPoint, "text",
            "The entry point of new replicas, with its first arguments; none is what the image says.", _ => true)
            with { IsReloadable = false, Shows = OptionShows.WhetherSet },
        List("Edge:Docker:Command", o => o.Docker.Command, "text",
            "The arguments of the entry point; none is what the image says. A first one of replica asks for the built-in "
            + "replica, of the balancer's own image where it runs in a container and no other image is known.",
            _ => true) with { IsReloadable = false, Shows = OptionShows.WhetherSet },
        List("Edge:Docker:Environment", o => o.Docker.Environment, "NAME=value",
            "The environment of new replicas, beside SERVER_ID and PORT.", t => t.IndexOf('=', StringComparison.Ordinal) > 0)
            with { Alias = new("--env", "NAME=VALUE"), IsReloadable = false, Shows = OptionShows.Names },
        Text("Edge:Docker:EnvFile", o => o.Docker.EnvFile, "empty, or the path of a file as docker run --env-file takes it",
            "More of their environment, from a file that is read when the service begins; Edge:Docker:Environment overrides it.", _ => true)
            with { IsReloadable = false },
        List("Edge:Docker:Labels", o => o.Docker.Labels, "NAME=value, the name not beginning with edge. or com.docker.compose.",
            "More labels of new replicas.", DockerValues.IsLabel) with { IsReloadable = false, Shows = OptionShows.Names },
        Text("Edge:Docker:User", o => o.Docker.User, "empty, or user or user:group, by name or number",
            "Whom the programs of new replicas run as; empty is what the image says.", DockerValues.IsUser) with { IsReloadable = false },
        List("Edge:Docker:Volumes", o => o.Docker.Volumes, "name:/path or /host/path:/path, each also with :ro, :z or :Z; or /path",
            "What is mounted into new replicas: a named volume, a file or folder of the host, or an anonymous volume of each one's own.",
            t => DockerValues.ParseVolume(t) is not null) with { IsReloadable = false },
        Integer("Edge:Docker:Port", o => o.Docker.Port, 0, 65535,
            "Where replicas listen; the label edge.port of a container overrides it. 0 is the one "
            + "TCP port that the image exposes. New replicas are told it as PORT.")
            with { Alias = new("--port", "PORT"), IsReloadable = false },
        Choice("Edge:Docker:Scheme", o => o.Docker.Scheme.ToString(), "http or https",
            "What replicas speak there; the label edge.scheme of a container overrides it.") with { IsReloadable = false },
        Time("Edge:Docker:StopTimeout", o => o.Docker.StopTimeout,
            "How long new replicas may take to end before the engine kills them; none is the engine's own 10 s.", mayBeOff: true)
            with { IsReloadable = false },
        Integer("Edge:Docker:MemoryMiB", o => o.Docker.MemoryMiB, 0, 1 << 20,
            "The memory of a new replica in MiB, from 6 on; 0 is no limit.") with { IsReloadable = false },
        Integer("Edge:Docker:CpuPercent", o => o.Docker.CpuPercent, 0, 100 * 1024,
            "The processor time of a new replica, 100 being one processor; 0 is no limit.") with { IsReloadable = false },
        Integer("Edge:Docker:Processes", o => o.Docker.Processes, 0, 1 << 20,
            "The processes and threads of a new replica; 0 is no limit.") with { IsReloadable = false },
        Switch("Edge:Docker:ReadOnly", o => o.Docker.ReadOnly,
            "Whether a new replica's file system is read-only, but for /tmp, /run and volumes.") with { IsReloadable = false },
        Switch("Edge:Docker:NoNewPrivileges", o => o.Docker.NoNewPrivileges,
            "Whether a new replica's programs can gain privileges by being executed: true is no.") with { IsReloadable = false },
        List("Edge:Docker:KeepCapabilities", o => o.Docker.KeepCapabilities, "a capability as NET_BIND_SERVICE or CHOWN, ALL, or NONE",
            "Capabilities that a new replica keeps, all others being dropped; none given is the engine's own set, NONE is to keep none.",
            OptionValues.IsName) with { IsReloadable = false },
        Switch("Edge:Docker:Pull", o => o.Docker.Pull,
            "Whether an image that the engine does not have is pulled.") with { IsReloadable = false },
    ];

    // Edge:Upstream.
    private static readonly OptionEntry[] s_upstream =
    [
        Text("Edge:Upstream:Tls:Roots", o => o.Upstream.Tls.Roots, "empty, or a path",
            "The certificates that vouch for those of replicas that speak TLS, as PEM; empty is those that the machine believes.",
            t => t.Length == 0 || OptionValues.IsFile(t)) with { IsReloadable = false },
        Text("Edge:Upstream:Tls:ServerName", o => o.Upstream.Tls.ServerName, "empty, or a host name or an address",
            "The name that the certificates of all of them have to have, and that they are asked for (SNI); empty is the host "
            + "in Edge:Fleet:Addresses, or the container's name.",
            t => t.Length == 0 || OptionValues.IsHostName(t) || System.Net.IPAddress.TryParse(t, out _)) with { IsReloadable = false },
        Switch("Edge:Upstream:Tls:Verify", o => o.Upstream.Tls.Verify,
            "Whether these certificates are verified; if not, anybody on the way can read and change what is sent.") with { IsReloadable = false },
    ];

    // Edge:Health and Edge:Ejection: when a replica is out of rotation.
    private static readonly OptionEntry[] s_health =
    [
        Text("Edge:Health:Path", o => o.Health.Path, "empty, or a path that starts with /",
            "What a health check asks a replica for; empty is /heartbeat, and then any answer "
            + "below 500 will do. The label edge.health of a container overrides it.",
            t => t.Length == 0 || OptionValues.IsPath(t)) with { Alias = new("--health", "PATH") },
        Text("Edge:Health:Host", o => o.Health.Host, "empty, or a host name or an address, with or without a port",
            "The Host field of health checks; empty is the replica's address and port. The label edge.host of a container overrides it.",
            t => t.Length == 0 || OptionValues.IsHostField(t)),
        Text("Edge:Health:Statuses", o => o.Health.Statuses, "empty, or statuses and ranges of them from 100 to 599, as 200-299,401",
            "The statuses that pass a health check; empty is 200-399 where a path is configured, by option or by label, and 100-499 where none is.",
            t => t.Length == 0 || OptionValues.ParseStatuses(t) is not null),
        Switch("Edge:Health:Off", o => o.Health.Off,
            "Whether there are no health checks: then all servers of a static fleet are in "
            + "rotation, whatever becomes of them. For static fleets only."),
        Time("Edge:Health:Interval", o => o.Health.Interval, "Between two health checks of a replica."),
        Time("Edge:Health:StartInterval", o => o.Health.StartInterval,
            "Between two health checks of a replica that has not passed one yet."),
        Time("Edge:Health:Timeout", o => o.Health.Timeout, "How long one health check may take."),
        Integer("Edge:Health:Rise", o => o.Health.Rise, 1, 100,
            "Checks to pass in a row until an unhealthy replica is in rotation again."),
        Integer("Edge:Health:Fall", o => o.Health.Fall, 1, 100,
            "Checks to fail in a row until a healthy replica is out of rotation."),
        Time("Edge:Health:Patience", o => o.Health.Patience,
            "How long a replica that the balancer made fails every check, after it has left the rotation, until it is made anew."),
        Switch("Edge:Health:Restart", o => o.Health.Restart,
            "Whether a replica that the balancer did not make, and that has failed every check for "
            + "as long, is stopped and started again; it is never removed for that."),
        Switch("Edge:Health:Panic", o => o.Health.Panic,
            "Whether the servers of a static fleet are asked all the same where all of them fail their health checks; else it is 503. "
            + "Replicas that the balancer runs itself are never asked while they fail their checks: they are started anew."),
        Integer("Edge:Ejection:Failures", o => o.Ejection.Failures, 0, 1_000_000,
            "Requests that a replica fails in a row (connection, reset, timeout, malformed response), as one loop "
            + "counts them, until it is out of rotation for a time; 0 is never. Timeouts and malformed responses of "
            + "one page alone do not count where nothing else is known against the replica."),
        Switch("Edge:Ejection:Status5xx", o => o.Ejection.Status5xx,
            "Whether a status of 500 or more counts as such a failure."),
        Time("Edge:Ejection:BaseTime", o => o.Ejection.BaseTime,
            "How long it is out at first; each further time one more of it. It comes back on trial: the first failure throws it out again."),
        Time("Edge:Ejection:MaxTime", o => o.Ejection.MaxTime, "How long it is out at most."),
        Integer("Edge:Ejection:MaxPercent", o => o.Ejection.MaxPercent, 0, 100,
            "How many percent of the replicas may be out for this at one time."),
    ];

    // Edge:Deploy: how a new version takes the place of the old one.
    private static readonly OptionEntry[] s_deploy =
    [
        Integer("Edge:Deploy:Canary", o => o.Deploy.Canary, 0, Limits.CanaryPercent,
            "How many percent of the GET and HEAD requests the first replica of a new version gets, while it is compared with the old ones; 0 is "
            + "to compare nothing."),
        Time("Edge:Deploy:Judge", o => o.Deploy.Judge, "How long it is compared at most."),
        Choice("Edge:Deploy:Undecided", o => o.Deploy.Undecided.ToString(), "Promote, Pause or Revert",
            "What follows if it was found neither good nor bad by then: the deploy goes on, waits for a person, or is taken back."),
        Choice("Edge:Deploy:By", o => o.Deploy.By.ToString(), "Client or Request",
            "What is divided: clients, by their addresses, so that a page and what belongs to it are of one version; or single requests."),
        Integer("Edge:Deploy:Surge", o => o.Deploy.Surge, 0, FleetAtMost,
            "How many more replicas than before may run at a time, which are then replaced one after the other; 0 starts all new ones "
            + "beside the old ones, and switches all requests by one swap."),
        Time("Edge:Deploy:Bake", o => o.Deploy.Bake,
            "How long the old replicas run on after all requests go to the new ones, which go back to them if the new ones fail.", mayBeOff: true),
        Time("Edge:Deploy:Keep", o => o.Deploy.Keep,
            "How long the old replicas are kept after that, stopped, so that a rollback takes a second.", mayBeOff: true),
        List("Edge:Deploy:Smoke", o => o.Deploy.Smoke, "a path that starts with /",
            "What the first replica of a new version is asked for before any client gets to it, beside its health check; each has to answer as a "
            + "health check does.",
            OptionValues.IsPath),
    ];

    private static bool IsWindow(string text) =>
        Durations.Parse(text) is { } time && time >= TimeSpan.FromSeconds(1) && time <= TimeSpan.FromMinutes(10);
}
