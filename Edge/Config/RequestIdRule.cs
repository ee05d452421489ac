namespace Edge.Config;

/// <summary>What becomes of X-Request-ID.</summary>
internal enum RequestIdRule
{
    Pass,
    Make,
    Replace,
}
