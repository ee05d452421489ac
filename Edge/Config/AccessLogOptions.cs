namespace Edge.Config;

/// <summary>One line a request.</summary>
internal sealed record AccessLogOptions
{
    public AccessLogFormat Format { get; set; } = AccessLogFormat.Off;

    public string File { get; set; } = "";

    public int Sample { get; set; } = 1;
}
