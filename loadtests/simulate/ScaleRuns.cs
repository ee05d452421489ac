using Edge.Fleet;

namespace Edge.Simulate;

/// <summary>The traffic that the autoscaler is simulated with, beside a rule that looks at what is in flight.</summary>
internal static class ScaleRuns
{
    private const ulong Seed = 20261129;

    /// <summary>The product's defaults, with room for every rule.</summary>
    internal static readonly ScaleRules Rules = new(Minimum: 1, Maximum: 60)
    {
        InFlight = 20,
        Percent = 70,
        Window = TimeSpan.FromSeconds(60),
        Burst = TimeSpan.FromSeconds(6),
        Starting = 2,
        Down = TimeSpan.FromMinutes(5),
    };

    /// <summary>A spike from which on ten times as many requests come.</summary>
    internal static readonly ScaleCase Spike = new("spike: 140 to 1,400 requests/s", 300, second => second < 10 ? 140 : 1400);

    /// <summary>Half a minute each.</summary>
    internal static readonly ScaleCase Swing =
        new("swing: 70 and 280 requests/s each minute, 30 min", 1800, second => second % 60 < 30 ? 70 : 280, Service: 0.2);

    /// <summary>All, in the order of the table.</summary>
    internal static readonly ScaleCase[] All =
    [
        Spike,
        Spike with { Name = "the same, starts of 20 s", StartLeast = 18, StartMost = 22 },
        Swing,
        new("steady: 130 requests/s, 30 min", 1800, _ => 130),
        new("decay: 1,400 to 70 requests/s in 20 min", 1800, second => Math.Max(70, 1400 * Math.Exp(-second / 400.0))),
        new("backlog: 3,000 at once beside 100 requests/s", 300, second => second == 10 ? 3100 : 100),
    ];

    /// <summary>Both rules on one case, with the same requests.</summary>
    internal static ScaleResult[] Run(ScaleCase of) =>
        [.. new IScaleRule[] { new EdgeRule(), new ConcurrencyRule() }.Select(rule => new ScaleWorld(of, rule, Seed).Run())];

    /// <summary>All of them.</summary>
    internal static ScaleResult[] RunAll() => [.. All.SelectMany(Run)];
}
