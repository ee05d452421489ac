using Edge.Tests.Backends;

namespace Edge.Tests.Probes;

/// <summary>
/// Every probe against a data plane of Edge: as it is, then with what the client sends split in two at each byte, then with
/// what the replica answers split so. All have to come to the same.
/// </summary>
public class ProbeTests
{
    private const int AtOnce = 64;

    public static TheoryData<string> Names => [.. ProbeList.All.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_probe_comes_out_as_its_section_says_however_it_is_split(string name)
    {
        Probe probe = ProbeList.All.Single(p => p.Name == name);
        var replica = new RecordingReplica { Probe = probe };
        await using TestBalancer balancer = ProbeBalancer.Start(probe, replica);
        using Barrier barrier = await Barrier.OpenAsync(balancer.Plane.Endpoint);
        replica.Barrier = barrier;

        ClientOutcome whole = await ProbeClient.RunAsync(balancer.Plane.Endpoint, probe, 0, barrier, Task.CompletedTask);
        Check(probe, whole, "whole");
        Assert.Equal(probe.Sees, replica.Seen);
        string later = await ProbeClient.AskAfterAsync(balancer.Plane.Endpoint);
        Assert.Equal(ProbeClient.AfterGets, later);
        Assert.True(!probe.NeverReused || replica.Reused == 0, "the connection carried another request");
        Assert.Null(ProbeJudge.Objection(probe, new ProbeRecord
        {
            Seen = replica.Seen,
            Got = whole.Got,
            Closed = whole.Closed,
            After = whole.After,
            Later = later,
            Reused = replica.Reused > 0,
        }));

        await RunSplitsAsync(balancer, probe, replica, Boundaries(probe.Sends), barrier, ofAnswer: false);
        if (probe.Sees.Length > 0)
        {
            await RunSplitsAsync(balancer, probe, replica, Boundaries(probe.Answers), barrier, ofAnswer: true);
        }
    }

    [Fact]
    public void Every_probe_has_a_name_of_its_own() =>
        Assert.Equal(ProbeList.All.Length, ProbeList.All.Select(p => p.Name).Distinct().Count());

    private static async Task RunSplitsAsync(
        TestBalancer balancer, Probe probe, RecordingReplica replica, int[] boundaries, Barrier barrier, bool ofAnswer)
    {
        replica.Forget();

        // Bytes behind an answer reach the next request on that connection. With one probe at a time, three times in a row, that is no other probe.
        foreach (int[] some in boundaries.Chunk(ofAnswer && probe.NeverReused ? 1 : AtOnce))
        {
            Task answered = ofAnswer ? replica.SplitAnswers([.. some.SelectMany(b => Enumerable.Repeat(b, probe.Sees.Length))]) : Task.CompletedTask;

            await Task.WhenAll(some.Select(async boundary =>
            {
                ClientOutcome outcome = await ProbeClient.RunAsync(balancer.Plane.Endpoint, probe, ofAnswer ? 0 : boundary, barrier, answered);
                Check(probe, outcome, ofAnswer ? "an answer split" : $"split at {boundary}");
            }));
        }

        string[] expected = [.. boundaries.SelectMany(_ => probe.Sees).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, replica.Seen.Order(StringComparer.Ordinal));
        Assert.Equal(ProbeClient.AfterGets, await ProbeClient.AskAfterAsync(balancer.Plane.Endpoint));
    }

    private static void Check(Probe probe, ClientOutcome outcome, string how)
    {
        // Where the head has gone out before the fault came, breaking off is all that is left.
        if (probe.MayBreakOff && how != "whole" && outcome is { Closed: true, After: "" } && outcome.Got.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
        {
            return;
        }

        if (probe.GoesOnAfterClose && how.StartsWith("split", StringComparison.Ordinal) && outcome is { Closed: true, Got: "" })
        {
            return;
        }

        string shown = $"{how}: {ProbeText.Shown(outcome.Got)}{(outcome.Closed ? ", closed" : "")}";
        if (probe.BreaksOff)
        {
            Assert.True(outcome.Got.Length == 0 || probe.Answers.Contains(outcome.Got[^1], StringComparison.Ordinal), shown);
        }
        else if (probe.Gets.Length > 0 || probe.Status == 0)
        {
            Assert.True(probe.Gets == outcome.Got, $"{shown}\nexpected: {ProbeText.Shown(probe.Gets)}");
        }
        else
        {
            Assert.True(outcome.Got.StartsWith($"{probe.GetsBefore}HTTP/1.1 {probe.Status} ", StringComparison.Ordinal), shown);
            Assert.True(outcome.Got.Contains("\r\nConnection: close\r\n", StringComparison.Ordinal) == probe.Closes, shown);
        }

        Assert.True(probe.Closes == outcome.Closed, shown);
        Assert.True((probe.Closes ? "" : ProbeClient.AfterGets) == outcome.After, $"{shown}, then {ProbeText.Shown(outcome.After)}");
    }

    // Every one; of long texts those near both ends, and enough between that no buffer's end is missed by chance alone.
    private static int[] Boundaries(string text) =>
        [.. Enumerable.Range(1, Math.Max(0, text.Length - 1)).Where(b => text.Length <= 700 || b < 150 || b > text.Length - 150 || b % 331 == 0)];
}
