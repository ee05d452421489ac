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
        new("Io/Loop", "Io", "Io/Memory", "Config.Limits"),
        new("Io/Net", "Io", "Io/Memory", "Io/Process", "Io/Loop", "Config.Limits"),
        new("Telemetry", "Io/Tls.TlsFailure", "Config.Limits", "Config.AccessLogFormat"),
        new("Routing", "Telemetry", "Config.Limits"),

        // What the two planes say to each other about the balancer's own paths.
        new("Contract", "Config.Limits"),

        // The data plane. What its parts share is in one type.
        new("Proxy/ProxyProtocol", "Io/Net", "Config.Limits"),
        new("Proxy/Settings", "Http", "Io/Net", "Telemetry", "Config"),
        new("Proxy/Accounting", "Proxy.LoopContext", "Http", "Io/*", "Routing", "Telemetry", "Proxy/Settings", "Config"),
        new("Proxy/Admission", "Proxy.LoopContext", "Proxy.ServiceState", "Http", "Io/*", "Routing", "Telemetry", "Proxy/Accounting", "Proxy/Retries",
            "Proxy/Settings", "Config"),
        new("Proxy/Retries", "Proxy.LoopContext", "Proxy.ServiceState", "Http", "Io/*", "Routing", "Telemetry", "Proxy/Settings", "Config"),
        new("Proxy/Upstream", "Proxy.LoopContext", "Io/*", "Routing", "Telemetry", "Proxy/Settings", "Config"),
        new("Proxy/Exchange", "Proxy.LoopContext", "Proxy.ServiceState", "Http", "Io/*", "Routing", "Telemetry", "Proxy/Accounting", "Proxy/Admission",
            "Proxy/Retries", "Proxy/Settings", "Proxy/Upstream", "Config"),
        new("Proxy/Control", "Proxy.LoopContext", "Contract", "Http/*", "Io/*", "Telemetry", "Proxy/Accounting", "Proxy/Exchange", "Proxy/Settings",
            "Config"),
        new("Proxy/Http1", "Proxy.LoopContext", "Proxy.ServiceState", "Http/*", "Io/*", "Routing", "Telemetry", "Proxy/Accounting", "Proxy/Admission",
            "Proxy/Control", "Proxy/Exchange", "Proxy/ProxyProtocol", "Proxy/Settings", "Proxy/Upstream", "Config"),
        new("Proxy", "Contract", "Http", "Io/*", "Routing", "Telemetry", "Proxy/*", "Config"),
        new("Takeover", "Io/*", "Telemetry"),
        new("BuiltInReplica", "Http/*", "Io/*", "Config.Limits"),

        // The control plane.
        new("Fleet/Driver", "Telemetry"),
        new("Fleet/Model", "Fleet/Driver", "Routing", "Telemetry", "Config"),
        new("Fleet/Health", "Fleet/Driver", "Fleet/Model", "Routing", "Telemetry", "Config"),
        new("Fleet/Calls", "Fleet/Driver", "Fleet/Model", "Routing", "Telemetry", "Config"),
        new("Fleet/Lifecycle", "Fleet/Calls", "Fleet/Driver", "Fleet/Health", "Fleet/Model", "Routing", "Telemetry", "Config"),
        new("Fleet", "Fleet/*", "Routing", "Telemetry", "Config"),
        new("Drivers/Docker", "Fleet/Driver", "Telemetry", "Config"),
        new("Drivers/Process", "Fleet/Driver", "Telemetry", "Config"),
        new("Drivers/Static", "Fleet/Driver", "Telemetry", "Config"),
        new("Certificates", "Io/Process", "Io/Tls", "Telemetry", "Config"),
        new("Control/Status", "Certificates", "Io/Tls", "Fleet/*", "Routing", "Telemetry", "Config"),
        new("Control/Events", "Contract", "Control/Status", "Fleet/*", "Config"),
        new("Control/Access", "Contract", "Telemetry", "Config"),
        new("Control/Page", "Contract"),
        new("Control/Api", "Contract", "Control/Access", "Control/Events", "Control/Page", "Control/Status", "Fleet/*", "Routing", "Telemetry",
            "Config"),

        // The loops' counts are a part of the status that the contract returns and the client prints.
        new("Cli", "Certificates", "Control/Api", "Control/Status", "Telemetry.LoopReport", "Config"),

        // Puts all parts together, and none of them knows it.
        new("Hosting", "*"),
        new(".", "*"),
    ];
}
