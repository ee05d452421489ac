namespace Edge.Config;

internal static partial class OptionsCatalog
{
    /// <summary>The one key of the section of services that is no service.</summary>
    internal const string FromLabelsKey = "Edge:Services:FromLabels";

    private const string EndpointForms = "IPv4:port, [IPv6]:port, localhost:port, *:port (every address, of IPv4 and IPv6) or :port (the same)";

    // Where the process listens, what it runs as, and who may call its own paths.
    private static readonly OptionEntry[] s_process =
    [
        new("Edge:Listen", "address", o => o.Listen,
            EndpointForms + ", each also with http:// or https:// before it; several as a list or separated by commas; port 0 lets the kernel choose",
            "Where clients come in; without a scheme it is http, and with https:// they speak TLS.", text => OptionValues.ParseListen(text) is not null)
        { Alias = new("--listen", "ADDRESS"), IsReloadable = false, TakesSeveral = true },
        Integer("Edge:Loops", o => o.Loops, 0, Limits.Loops,
            "Event loops, each a thread; 0 is one a processor.") with { IsReloadable = false },
        Switch("Edge:IoUring", o => o.IoUring,
            "Whether a loop sends to many connections by one call, through io_uring, where the kernel lets it; else one by one.")
            with { IsReloadable = false },
        Text("Edge:User", o => o.User, "empty, or uid, uid:gid or uid:gid,gid,… as numbers, the uid not 0",
            "Whom the process becomes once it listens, so that it can be started as root for a port below 1024; empty for nobody else.",
            t => t.Length == 0 || OptionValues.ParseUser(t) is not null) with { Alias = new("--user", "UID[:GID]"), IsReloadable = false },
        new("Edge:Control:Listen", "address", o => o.Control.Listen, "empty, or " + EndpointForms,
            "Where the balancer's own paths are served, without TLS; empty puts them beside the forwarded ones. "
                + "An address of Edge:Listen puts them there, beside the forwarded ones.",
            text => text.Length == 0 || OptionValues.ParseEndpoint(text) is not null)
        { Alias = new("--control", "ADDRESS"), IsReloadable = false },
        Text("Edge:Control:Token", o => o.Control.Token, $"text without spaces and control characters, up to {Limits.TokenBytes} bytes",
            "What callers of the balancer's own paths send as Authorization: Bearer; empty allows callers from loopback only.",
            OptionValues.IsSecret) with { IsSecret = true },
        List("Edge:Control:Hosts", o => o.Control.Hosts, "a host name without a port",
            "Names under which the balancer's own paths may be called from loopback where there is no token, beside localhost and addresses.",
            OptionValues.IsHostName),
        Switch("Edge:Control:Drill", o => o.Control.Drill, "Whether POST /edge/drill may make a replica fail."),
    ];

    // Edge:Services; the options of each service are in ServiceCatalog.
    private static readonly OptionEntry[] s_services =
    [
        Switch(FromLabelsKey, o => o.Labelled is not null,
            "Whether containers with the label edge.host are services of their own, beside those of the options. Whoever may start a container "
            + "can then have the requests for any host that the options do not name.") with { IsReloadable = false },
    ];

    // Edge:AccessLog.
    private static readonly OptionEntry[] s_accessLog =
    [
        Choice("Edge:AccessLog:Format", o => o.AccessLog.Format.ToString(), "Off, Json or Combined",
            "One line a request: none, a JSON object, or the combined log format."),
        Text("Edge:AccessLog:File", o => o.AccessLog.File, "empty, or a path",
            "Where the access log goes; empty is standard output. SIGHUP opens it anew.", _ => true),
        Integer("Edge:AccessLog:Sample", o => o.AccessLog.Sample, 1, 1_000_000,
            "Of how many requests one is logged, as each loop counts them."),
    ];

    // Edge:Tls:Acme.
    private static readonly OptionEntry[] s_acme =
    [
        List("Edge:Tls:Acme:Hosts", o => o.Tls.Acme.Hosts, "a host name with a dot and without a wildcard, or an IP address",
            "Names, each of which gets a certificate of its own from a certificate authority (ACME, RFC 8555) and keeps it renewed. The "
            + "authority has to reach the balancer under each of them, on port 80 or 443.", AcmeOptions.IsHost),
        Text("Edge:Tls:Acme:Email", o => o.Tls.Acme.Email, "empty, or an address of e-mail",
            "Where the authority may write to about the account; not all of them do.",
            t => t.Length == 0 || AcmeOptions.IsEmail(t)) with { IsReloadable = false },
        Text("Edge:Tls:Acme:Directory", o => o.Tls.Acme.Directory, "an https address",
            "The authority: the address of its ACME directory. Let's Encrypt's for trying things out is "
            + "https://acme-staging-v02.api.letsencrypt.org/directory.", AcmeOptions.IsDirectory) with { IsReloadable = false },
        Text("Edge:Tls:Acme:Profile", o => o.Tls.Acme.Profile, "empty, or 1 to 63 letters, digits, _ . -, the first a letter or digit",
            "Which kind of certificate, in the authority's words: shortlived is one of 6 days at Let's Encrypt, and the only kind for IP "
            + "addresses; empty is the authority's standard.", t => t.Length == 0 || OptionValues.IsName(t)) with { IsReloadable = false },
        Text("Edge:Tls:Acme:Storage", o => o.Tls.Acme.Storage, "a path",
            "The folder of the account's key, the certificates and their keys; made with mode 0700 where it is not there. It has to outlive the"
            + " balancer: an authority gives out only so many certificates a week. Several balancers may have one.",
            t => t.Length > 0) with { IsReloadable = false },
        Text("Edge:Tls:Acme:Roots", o => o.Tls.Acme.Roots, "empty, or a path",
            "A file with further certificates (PEM) that vouch for the authority's own server, beside those of Let's Encrypt and "
            + "/etc/ssl/certs/ca-certificates.crt.", _ => true) with { IsReloadable = false },
        Switch("Edge:Tls:Acme:AgreeToTerms", o => o.Tls.Acme.AgreeToTerms,
            "Whether you agree to the authority's terms of service, which its directory links to; without that it gives no certificates.")
            with { IsReloadable = false },
        Switch("Edge:Tls:Acme:FromRoutes", o => o.Tls.Acme.FromRoutes,
            "Whether the hosts of services get certificates, too, where an address has https:// and you agree to the terms; not wildcards and "
            + "addresses, and not what a file has a certificate for."),
        Integer("Edge:Tls:Acme:LabelHosts", o => o.Tls.Acme.LabelHosts, 0, 1000,
            "How many of those hosts may come from labels of containers."),
    ];

    // Edge:Tls.
    private static readonly OptionEntry[] s_tls =
    [
        Items("Edge:Tls:Certificates", "File", o => o.Tls.Certificates.Select(c => c.File), "a path",
            "A certificate with those that vouch for it, as PEM; also its key, where no file is named for that. Of several for one name, one with an ECDSA and "
            + "one with an RSA key are both shown, else the first. Clients that ask for no name, or for another, see the first of all.", OptionValues.IsFile),
        Items("Edge:Tls:Certificates", "Key", o => o.Tls.Certificates.Select(c => c.Key), "empty, or a path",
            "The file with the key of that certificate, as PEM without a passphrase; empty where both are in one file.",
            t => t.Length == 0 || OptionValues.IsFile(t)),
        Text("Edge:Tls:Folder", o => o.Tls.Folder, "empty, or a path",
            "A folder with more certificates, in it or in the folders directly in it: name.pem or name.crt, the key in name.key or in the same file; or "
            + "fullchain.pem with privkey.pem.", t => t.Length == 0 || OptionValues.IsFile(t)),
        Choice("Edge:Tls:UnknownNames", o => o.Tls.UnknownNames.ToString(), "default or refuse",
            "What a client gets that asks for a name without a certificate, or for none: the first certificate, or the alert unrecognized_name."),
        Choice("Edge:Tls:ClientCertificates", o => o.Tls.ClientCertificates.ToString(), "none, optional or required",
            "Whether clients are asked for a certificate, which one of Edge:Tls:ClientAuthorities has to vouch for; with required, "
            + "one that shows none is refused."),
        Text("Edge:Tls:ClientAuthorities", o => o.Tls.ClientAuthorities, "empty, or a path",
            "The certificates that vouch for those of clients, as PEM.", t => t.Length == 0 || OptionValues.IsFile(t)),
    ];
}
