namespace Edge.Config;

/// <summary>How the access log looks.</summary>
internal enum AccessLogFormat
{
    Off,
    Json,
    Combined,
}
