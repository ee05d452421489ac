using System.Diagnostics;
using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Chaos;

/// <summary>A replica that takes requests and never answers: what it does to the requests that are not on it.</summary>
[Collection(nameof(Alone))]
public class HangTests
{
    private const int PerSecond = 250;
    private static readonly TimeSpan s_phase = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task A_replica_that_hangs_leaves_the_rotation_and_no_GET_fails()
    {
        ChaosSettings settings = ChaosSettings.Read() with { Answer = TimeSpan.FromSeconds(2) };
        CancellationToken stop = TestContext.Current.CancellationToken;
        await using var scenario = new StaticScenario(settings);
        await using NativeEdge edge = await scenario.StartEdgeAsync();
        OpenLoad Load(string prefix) => new(edge.Endpoint, new ScriptedWording(), settings.Seed, PerSecond, postsOfTen: 0, prefix);
        var well = new Verdict(await Load("well").RunAsync(s_phase, stop), scenario.Ledger);

        ChaosReplica hung = scenario.Replicas[0];
        Task<IReadOnlyList<Outcome>> loading = Load("hang").RunAsync(s_phase, stop);
        await hung.BeginAsync(Fault.HangThenAnswer);
        var outOfRotation = Stopwatch.StartNew();
        await Quiet.UntilAsync(async () => await StateAsync(edge, hung) != "healthy", "it gets out of rotation", s_phase);
        outOfRotation.Stop();
        IReadOnlyList<Outcome> outcomes = await loading;
        hung.End();

        bool WasHung(Outcome o) => scenario.Ledger.Of(o.Token).Any(e => e.Replica == hung.Name);
        Outcome[] onHung = [.. outcomes.Where(WasHung)];
        var rest = new Verdict([.. outcomes.Where(o => !WasHung(o))], scenario.Ledger);
        TestContext.Current.TestOutputHelper!.WriteLine(FormattableString.Invariant(
            $"""
            {settings}
            p99 with all well {well.Percentile(99):0.0} ms, of the rest while one hangs {rest.Percentile(99):0.0} ms:
            {rest.Percentile(99) / well.Percentile(99):0.00}
            out of rotation after {outOfRotation.Elapsed.TotalSeconds:0.0} s, with {onHung.Length} requests on it,
            of which {onHung.Count(o => o.Got == Got.Right)} were answered by another
            {string.Join('\n', onHung.Where(o => o.Got != Got.Right).Take(3))}
            """));
        Assert.True(well.GetsLost.Count == 0, well.Details());
        var all = new Verdict(outcomes, scenario.Ledger);
        Assert.True(all.GetsLost.Count == 0 && all.MixedUp.Count == 0, all.Details());
    }

    private static async Task<string?> StateAsync(NativeEdge edge, ChaosReplica replica) =>
        (await edge.StatusAsync()).GetProperty("replicas").EnumerateArray()
            .Single(r => r.GetProperty("address").GetString() == replica.Address.ToString()).GetProperty("state").GetString();
}
