namespace Edge.Config;

/// <summary>What becomes of X-Request-ID.</summary>
internal enum RequestIdRule
{
    /// <summary>What a client sends goes to the replica as it is; nothing is made.</summary>
    Pass,

    /// <summary>One is made where a client sends none, or none that is well formed.</summary>
    Make,

    /// <summary>One is made for each request, whatever the client sends.</summary>
    Replace,
}
