namespace Edge.Config;

/// <summary>How a line of the access log looks.</summary>
internal enum AccessLogFormat
{
    /// <summary>There is none.</summary>
    Off,

    /// <summary>A JSON object.</summary>
    Json,

    /// <summary>The combined log format of Apache httpd.</summary>
    Combined,
}
