namespace Edge.Tests.Rules;

/// <summary>The rules on who may know whom among the folders of Edge, the lower ones first. docs/architecture.md has them as a table.</summary>
internal static class WhoMayKnowWhom
{
    internal static readonly FolderRule[] Rules =
    [
        new("Config"),
        new("Http", "Config.Limits"),
        new("Http/Http1", "Http", "Config.Limits"),
        new("Io"),
        new("Io/Memory", "Io"),
        new("Io/Process", "Io"),
        new("Io/Files", "Io"),
        new("Io/Tls", "Io", "Config.Limits"),
        new("Io/Loop", "Io", "Io/Memory", "Io/Tls", "Config.Limits"),
        new("Io/Net", "Io", "Io/Memory", "Io/Process", "Io/Tls", "Io/Loop", "Config.Limits"),
        new("Telemetry", "Io/Tls.TlsFailure", "Config.Limits", "Config.AccessLogFormat"),
        new("Routing", "Telemetry", "Config.Limits", "Config.ServiceOptions", "Config.CanaryBy"),

        // What the two planes say to each other about the balancer's own paths.
        new("Contract", "Config.Limits"),

        // The data plane: what a loop has for all, the parts of a request's life, the streams, what answers, and version 1.
        new("Proxy/ProxyProtocol", "Io/Net", "Config.Limits"),
        new("Proxy/Settings", "Http", "Http/Http1.ParseResult", "Io/Net", "Telemetry", "Config"),
        new("Proxy/Loop", "Contract.AcmeTokens", "Http", "Io/*", "Routing.RouteMap", "Telemetry", "Proxy/Settings", "Config"),
        new("Proxy/Access", "Http", "Io/*", "Proxy/Loop", "Proxy/Settings", "Config"),
        new("Proxy/Accounting", "Http", "Io/*", "Routing", "Telemetry", "Proxy/Loop", "Proxy/Settings", "Config"),
        new("Proxy/Upstream", "Routing", "Telemetry", "Proxy/Loop", "Config.Limits", "Config.CanaryBy"),
        new("Proxy/Retries", "Routing", "Telemetry", "Proxy/Loop", "Proxy/Upstream", "Config.Limits"),
        new("Proxy/Admission", "Io/*", "Routing", "Telemetry", "Proxy/Accounting", "Proxy/Loop", "Proxy/Retries", "Proxy/Settings", "Proxy/Upstream", "Config"),
        new("Proxy/Streams", "Http", "Io/*", "Routing", "Telemetry", "Proxy/Accounting", "Proxy/Admission", "Proxy/Loop", "Proxy/Upstream",
            "Config.Limits"),
        new("Proxy/Control", "Contract", "Http", "Io/*", "Proxy/Loop", "Proxy/Streams", "Config.Limits"),
        new("Proxy/Exchange", "Contract", "Http", "Io/*", "Routing", "Telemetry", "Proxy/Access", "Proxy/Accounting", "Proxy/Admission", "Proxy/Control",
            "Proxy/Loop", "Proxy/Retries", "Proxy/Settings", "Proxy/Streams", "Proxy/Upstream", "Config.Limits", "Config.ServiceOptions"),
        new("Proxy/Http1", "Http/*", "Io/*", "Routing", "Telemetry", "Proxy/Accounting", "Proxy/Admission", "Proxy/Control", "Proxy/Exchange",
            "Proxy/Loop", "Proxy/ProxyProtocol", "Proxy/Settings", "Proxy/Streams", "Proxy/Upstream", "Config.Limits"),
        new("Proxy", "Contract", "Http", "Io/*", "Routing", "Telemetry", "Proxy/*", "Config"),
        new("Takeover", "Io/*", "Telemetry"),
        new("BuiltInReplica", "Http/*", "Io/*", "Config.Limits"),

        // The control plane.
        new("Fleet/Driver", "Telemetry"),
        new("Fleet/Model", "Fleet/Driver", "Routing", "Telemetry", "Config"),
        new("Fleet/Health", "Io/Tls", "Fleet/Driver", "Fleet/Model", "Routing", "Telemetry", "Config"),
        new("Fleet/Calls", "Fleet/Driver", "Fleet/Model", "Routing", "Telemetry", "Config"),
        new("Fleet/Scaling", "Fleet/Model", "Routing", "Config"),
        new("Fleet/Deploy", "Fleet/Driver", "Fleet/Model", "Routing", "Telemetry", "Config"),
        new("Fleet/Lifecycle", "Fleet/Calls", "Fleet/Deploy", "Fleet/Driver", "Fleet/Health", "Fleet/Model", "Fleet/Scaling",
            "Routing", "Telemetry", "Config"),
        new("Fleet", "Fleet/*", "Routing", "Telemetry", "Config"),
        new("Drivers/Docker", "Fleet/Driver", "Telemetry", "Config"),
        new("Drivers/Process", "Fleet/Driver", "Telemetry", "Config"),
        new("Drivers/Static", "Fleet/Driver", "Telemetry", "Config"),
        new("Certificates", "Io/Process", "Io/Tls", "Telemetry", "Config"),
        new("Certificates/Acme", "Certificates", "Contract", "Io/Files", "Io/Tls", "Telemetry", "Config"),
        new("Services", "Io/Tls.TlsClientContext", "Fleet/*", "Routing", "Telemetry", "Config"),
        new("Control/Status", "Certificates", "Io/Tls", "Fleet/*", "Services", "Routing", "Telemetry", "Config"),
        new("Control/Events", "Contract", "Control/Status", "Fleet/*", "Config"),
        new("Control/Access", "Contract", "Telemetry", "Config"),
        new("Control/Page", "Contract"),
        new("Control/Api", "Contract", "Control/Access", "Control/Events", "Control/Page", "Control/Status", "Fleet/*", "Services", "Routing", "Telemetry",
            "Config"),

        // The loops' counts are a part of the status that the contract returns and the client prints.
        new("Cli", "Certificates", "Contract.ControlPaths", "Control/Api", "Control/Status", "Io/Tls.PasswordHash", "Telemetry.LoopReport", "Config"),

        // Puts all parts together, and none of them knows it.
        new("Hosting", "*"),
        new(".", "*"),
    ];
}
