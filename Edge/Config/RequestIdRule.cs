namespace Edge.Config;

/// <summary>What happens to X-Request-ID.</summary>
internal enum RequestIdRule
{
    /// <summary>The client's field goes to the replica as it is; none is made.</summary>
    Pass,

    /// <summary>One is made if the client sends none, or a malformed one.</summary>
    Make,

    /// <summary>One is made for each request, even if the client sends one.</summary>
    Replace,
}
