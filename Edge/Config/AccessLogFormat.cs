namespace Edge.Config;

/// <summary>The format of the access log.</summary>
internal enum AccessLogFormat
{
    /// <summary>There is no access log.</summary>
    Off,

    /// <summary>A JSON object.</summary>
    Json,

    /// <summary>The combined log format of Apache httpd.</summary>
    Combined,
}
