using System.Globalization;

namespace Edge.Tests.Chaos;

/// <summary>
/// What a run of the chaos depends on: EDGE_CHAOS_SEED repeats one, EDGE_CHAOS_SECONDS says how long each scenario takes,
/// EDGE_CHAOS_ANSWER how many seconds the balancers give a replica for its answer.
/// </summary>
internal sealed record ChaosSettings(int Seed, TimeSpan Length, TimeSpan Answer)
{
    private const int DefaultSeconds = 15;

    // Longer than any fault lasts: what hangs may still answer.
    private const int DefaultAnswerSeconds = 60;

    internal static ChaosSettings Read(int defaultSeconds = DefaultSeconds)
    {
        int seed = Number("EDGE_CHAOS_SEED") ?? Random.Shared.Next(1, 1_000_000);
        int seconds = Number("EDGE_CHAOS_SECONDS") ?? defaultSeconds;
        int answer = Number("EDGE_CHAOS_ANSWER") ?? DefaultAnswerSeconds;
        return new ChaosSettings(seed, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(answer));
    }

    /// <summary>More options for the balancer, to find out what a loss hangs on: EDGE_CHAOS_OPTIONS="Loops=1 Retries:Attempts=5".</summary>
    internal static IEnumerable<(string Key, string Value)> MoreOptions() =>
        (Environment.GetEnvironmentVariable("EDGE_CHAOS_OPTIONS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(o => o.Split('=', 2)).Select(o => (o[0], o[1]));

    /// <summary>How to do it again; the first line of what each scenario prints.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"EDGE_CHAOS_SEED={Seed} EDGE_CHAOS_SECONDS={Length.TotalSeconds:0} EDGE_CHAOS_ANSWER={Answer.TotalSeconds:0}");

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
