namespace Edge.Config;

/// <summary>The access log, with one line for each request.</summary>
internal sealed record AccessLogOptions
{
    public AccessLogFormat Format { get; set; } = AccessLogFormat.Off;

    public string File { get; set; } = "";

    public int Sample { get; set; } = 1;
}
