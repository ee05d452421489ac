namespace Edge.Telemetry;

/// <summary>The format of the access log.</summary>
internal enum AccessFormat
{
    Off,
    Json,

    /// <summary>The combined log format of Apache httpd.</summary>
    Combined,
}
