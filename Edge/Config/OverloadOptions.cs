namespace Edge.Config;

/// <summary>How many requests and connections are allowed at a time; 0 is no limit.</summary>
internal sealed record OverloadOptions
{
    public int InFlight { get; set; }

    public int PerReplica { get; set; } = 4096;

    public int Queue { get; set; } = 8192;

    public TimeSpan QueueWait { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan PauseWait { get; set; } = TimeSpan.FromSeconds(30);

    public int Connections { get; set; }

    public int ConnectionsPerClient { get; set; }

    public int Handshakes { get; set; } = 2048;

    public int HandshakesPerClient { get; set; } = 256;
}
