using System.Globalization;
using Edge.Control;
using Edge.Telemetry;

namespace Edge.Cli;

/// <summary>Writes a status for people.</summary>
internal static class StatusText
{
    /// <summary>The status on one page.</summary>
    /// <param name="status">The status as the balancer sent it.</param>
    internal static TextTable Of(StatusReport status)
    {
        var sheet = new TextTable();
        BalancerReport balancer = status.Balancer;
        FleetReport fleet = status.Fleet;
        sheet.Line(
            new StyledText($"edge {balancer.Version}", TextStyle.Strong),
            $", fleet {balancer.Fleet}, up {TimeSpan.FromSeconds(Math.Floor(status.Process.UptimeSeconds)):c}, pid {status.Process.Pid}");
        sheet.Line($"driver {balancer.Driver}: {balancer.Why}");
        if (fleet.DriverWhy is { } why)
        {
            sheet.Line(new StyledText($"the driver sees nothing, and all this is what was known before: {why}", TextStyle.Bad));
        }

        if (fleet.Panic)
        {
            sheet.Line(new StyledText("no replica is well; those that are left take requests all the same", TextStyle.Bad));
        }

        AddState(sheet, status.State, "requests");
        TrafficReport traffic = status.Traffic;
        RecentReport recent = traffic.Recent;
        TextStyle style = fleet.InRotation == 0 ? TextStyle.Bad : fleet.InRotation < fleet.Members ? TextStyle.Warn : TextStyle.Good;
        sheet.Line(
            new StyledText($"{fleet.InRotation} of {fleet.Members} in rotation", style),
            $"; {Number(recent.RequestsPerSecond)} requests/s, {Times(recent)}, {traffic.InFlight} in flight, {traffic.Requests} requests, ",
            new StyledText($"{traffic.Errors} errors", traffic.Errors > 0 ? TextStyle.Warn : TextStyle.Plain));
        sheet.Line();
        AddReplicas(sheet, status.Replicas, status.Ignored ?? []); // A balancer of an older version has none.
        foreach (ServiceReport service in status.Services ?? [])
        {
            AddService(sheet, service);
        }

        sheet.Line();
        sheet.Table(
            [Heading("LOOP", "BUSY", "CONNECTIONS", "REQUESTS", "WAITING", "ALLOCATED"), .. status.Loops.Select(Row)],
            0, 1, 2, 3, 4, 5);
        CertificateText.AddTo(sheet, status);
        return sheet;
    }

    private static void AddService(TextTable sheet, ServiceReport service)
    {
        FleetReport fleet = service.Fleet;
        TextStyle style = fleet.InRotation == 0 ? TextStyle.Bad : fleet.InRotation < fleet.Members ? TextStyle.Warn : TextStyle.Good;
        sheet.Line();
        sheet.Line(
            new StyledText(service.Name, TextStyle.Strong), $" at {string.Join(", ", service.Routes)}, driver {fleet.Driver}: ",
            new StyledText($"{fleet.InRotation} of {fleet.Members} in rotation", style));
        if (fleet.DriverWhy is { } why)
        {
            sheet.Line(new StyledText($"the driver sees nothing, and all this is what was known before: {why}", TextStyle.Bad));
        }

        AddState(sheet, service.State, "its requests");
        AddReplicas(sheet, service.Replicas, service.Ignored);
    }

    // A balancer of an older version says nothing of that.
    private static void AddState(TextTable sheet, string? state, string requests)
    {
        if (state is not (null or "open"))
        {
            string meaning = state == "paused" ? $"{requests} wait until it is resumed" : $"{requests} are answered with 503 until it is resumed";
            sheet.Line(new StyledText($"{state}: {meaning}", TextStyle.Warn));
        }
    }

    private static void AddReplicas(TextTable sheet, IReadOnlyList<ReplicaReport> replicas, IReadOnlyList<IgnoredReport> passedOver)
    {
        sheet.Table(
            [
                Heading("REPLICA", "STATE", "ORIGIN", "GEN", "IMAGE", "ADDRESS", "WEIGHT",
                    "REQ/S", "P50", "P99", "IN FLIGHT", "REQUESTS", "FAILURES", "RESTARTS", "SINCE", "WHY"),
                .. replicas.Select(Row),
            ],
            3, 6, 7, 8, 9, 10, 11, 12, 13);
        foreach (IgnoredReport ignored in passedOver)
        {
            sheet.Line(new StyledText($"{ignored.Name} is passed over: {ignored.Why}", TextStyle.Warn));
        }
    }

    private static StyledText[] Heading(params string[] names) => [.. names.Select(name => new StyledText(name, TextStyle.Faint))];

    private static StyledText[] Row(ReplicaReport replica)
    {
        LatencyReport? times = replica.Recent.LatencyMilliseconds;
        return
        [
            new(replica.Name, TextStyle.Strong),
            State(replica),
            replica.Origin ?? "-",
            replica.Generation is { } generation ? Text(generation) : "-",
            replica.Image ?? "-",
            replica.Address ?? "-",
            replica.EffectiveWeight == replica.Weight || replica.EffectiveWeight == 0
                ? Text(replica.Weight)
                : $"{Number(replica.EffectiveWeight)}/{Text(replica.Weight)}",
            Number(replica.Recent.RequestsPerSecond),
            Time(times?.P50),
            Time(times?.P99),
            Text(replica.InFlight),
            Text(replica.Requests),
            new(Text(replica.Failures), replica.Failures > 0 ? TextStyle.Warn : TextStyle.Plain),
            Text(replica.Restarts),
            replica.Since.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            new(replica.Why, TextStyle.Faint),
        ];
    }

    private static StyledText State(ReplicaReport replica)
    {
        string text = replica.CrashLoop ? replica.State + " (crash loop)"
            : replica.Ejected ? replica.State + " (ejected)"
            : replica.OnTrial ? replica.State + " (on trial)"
            : replica.State;
        return new StyledText(text, replica.State switch
        {
            "healthy" => TextStyle.Good,
            "starting" => TextStyle.Busy,
            "unhealthy" => TextStyle.Warn,
            "gone" => TextStyle.Bad,
            _ => TextStyle.Plain,
        });
    }

    private static StyledText[] Row(LoopReport loop) =>
        [Text(loop.Loop), $"{loop.BusyShare * 100:0} %", Text(loop.Connections), Text(loop.Requests), Text(loop.Waiting), Text(loop.AllocatedBytes)];

    private static string Times(RecentReport recent) =>
        recent.LatencyMilliseconds is { } times ? $"p50 {Time(times.P50)}, p99 {Time(times.P99)}" : "no request of late";

    private static string Time(double? milliseconds) => milliseconds is not { } time ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{(time >= 100 ? Math.Round(time) : Math.Round(time, time >= 10 ? 1 : 2))} ms");

    private static string Number(double number) => Math.Round(number, number >= 100 ? 0 : 1).ToString(CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
