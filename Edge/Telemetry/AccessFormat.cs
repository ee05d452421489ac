namespace Edge.Telemetry;

/// <summary>How a line of the access log looks.</summary>
internal enum AccessFormat
{
    Off,
    Json,

    /// <summary>The combined log format of Apache httpd.</summary>
    Combined,
}
