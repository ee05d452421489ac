namespace Edge.Config;

/// <summary>The limits of one client connection; 0 is no limit.</summary>
internal sealed record LimitOptions
{
    public int HeadBytes { get; set; } = Limits.HeadBytes;

    public int HeaderFields { get; set; } = Limits.HeaderFields;

    public int TargetBytes { get; set; } = Limits.TargetBytes;

    public int BodyKiB { get; set; }

    public int BodyBytesPerSecond { get; set; } = 240;

    public int RequestsPerConnection { get; set; }

    public int Pipelined { get; set; } = 128;
}
