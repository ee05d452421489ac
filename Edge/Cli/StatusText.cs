using System.Globalization;
using Edge.Control;
using Edge.Observability;

namespace Edge.Cli;

/// <summary>Prints a status as aligned tables.</summary>
internal static class StatusText
{
    internal static void Write(StatusReport status, TextWriter output)
    {
        BalancerReport balancer = status.Balancer;
        output.WriteLine($"edge {balancer.Version}, fleet {balancer.Fleet}, up {TimeSpan.FromSeconds(Math.Floor(status.Process.UptimeSeconds)):c}, pid {status.Process.Pid}");
        output.WriteLine($"driver {balancer.Driver}: {balancer.Why}");
        output.WriteLine();
        Table(output, [
            ["REPLICA", "STATE", "ADDRESS", "WEIGHT", "IN FLIGHT", "REQUESTS", "FAILURES", "RESTARTS", "SINCE", "WHY"],
            .. status.Replicas.Select(Row)]);
        output.WriteLine();
        Table(output, [
            ["LOOP", "TURNS", "CONNECTIONS", "REQUESTS", "ALLOCATED"],
            .. status.Loops.Select(Row)]);
    }

    private static string[] Row(ReplicaReport replica) =>
    [
        replica.Name,
        replica.CrashLoop ? replica.State + " (crash loop)" : replica.State,
        replica.Address ?? "-",
        Text(replica.Weight),
        Text(replica.InFlight),
        Text(replica.Requests),
        Text(replica.Failures),
        Text(replica.Restarts),
        replica.Since.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        replica.Why,
    ];

    private static string[] Row(LoopReport loop) =>
        [Text(loop.Loop), Text(loop.Turns), Text(loop.Connections), Text(loop.Requests), Text(loop.AllocatedBytes)];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Table(TextWriter output, IReadOnlyList<string[]> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
