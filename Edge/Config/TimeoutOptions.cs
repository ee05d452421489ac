namespace Edge.Config;

/// <summary>How long each step may take.</summary>
internal sealed record TimeoutOptions
{
    public TimeSpan RequestHead { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan TlsHandshake { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan ResponseHead { get; set; } = TimeSpan.FromMinutes(1);

    public TimeSpan Connect { get; set; } = TimeSpan.FromSeconds(2);

    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(30);

    public TimeSpan ClientIdle { get; set; } = TimeSpan.FromSeconds(75);

    public TimeSpan PoolIdle { get; set; } = TimeSpan.FromSeconds(4);

    public TimeSpan BodyIdle { get; set; } = TimeSpan.FromMinutes(1);

    public TimeSpan BodyGrace { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan Request { get; set; }

    public TimeSpan Tunnel { get; set; } = TimeSpan.FromHours(1);

    public TimeSpan Start { get; set; } = TimeSpan.FromSeconds(30);

    public TimeSpan Stop { get; set; } = TimeSpan.FromSeconds(10);
}
