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
        AddTitle(sheet, status);
        sheet.Line($"driver {balancer.Driver}: {balancer.Why}");
        if (fleet.DriverWhy is { } why)
        {
            sheet.Line(new StyledText(Lost(why), TextStyle.Bad));
        }

        if (fleet.Panic)
        {
            sheet.Line(new StyledText(Panic, TextStyle.Bad));
        }

        AddState(sheet, status.State, "requests");
        AddScale(sheet, fleet);
        sheet.Line(Summary(fleet, status.Traffic));
        sheet.Line();
        AddReplicas(sheet, status.Replicas, status.Ignored ?? []); // A balancer of an older version has none.
        foreach (ServiceReport service in status.Services ?? [])
        {
            AddService(sheet, service);
        }

        AddRefused(sheet, status);
        sheet.Line();
        AddLoops(sheet, status);
        return sheet;
    }

    /// <summary>What is said while a driver is out of sync.</summary>
    internal static string Lost(string why) => $"the driver sees nothing, and all this is what was known before: {why}";

    /// <summary>What is said while replicas get requests because there are no others.</summary>
    internal const string Panic = "no replica is well; those that are left take requests all the same";

    /// <summary>The line about the process.</summary>
    internal static void AddTitle(TextTable sheet, StatusReport status) => sheet.Line(
        new StyledText($"edge {status.Balancer.Version}", TextStyle.Strong),
        $", fleet {status.Balancer.Fleet}, up {TimeSpan.FromSeconds(Math.Floor(status.Process.UptimeSeconds)):c}, pid {status.Process.Pid}");

    /// <summary>How many replicas are in rotation, and what clients see.</summary>
    internal static StyledText[] Summary(FleetReport fleet, TrafficReport traffic)
    {
        TextStyle style = fleet.InRotation == 0 ? TextStyle.Bad : fleet.InRotation < fleet.Members ? TextStyle.Warn : TextStyle.Good;
        return [new StyledText($"{fleet.InRotation} of {fleet.Members} in rotation", style), .. Traffic(traffic)];
    }

    /// <summary>What clients see, behind something else.</summary>
    internal static StyledText[] Traffic(TrafficReport traffic) =>
    [
        $"; {Number(traffic.Recent.RequestsPerSecond)} requests/s, {Times(traffic.Recent)}, {traffic.InFlight} in flight, {traffic.Requests} requests, ",
        new StyledText($"{traffic.Errors} errors", traffic.Errors > 0 ? TextStyle.Warn : TextStyle.Plain),
    ];

    /// <summary>What asks for a route that it does not get.</summary>
    internal static void AddRefused(TextTable sheet, StatusReport status)
    {
        foreach (IgnoredReport refused in status.RoutesRefused ?? [])
        {
            sheet.Line(new StyledText($"{refused.Name} does not get its route: {refused.Why}", TextStyle.Warn));
        }
    }

    /// <summary>The loops, and what is to be said of certificates.</summary>
    internal static void AddLoops(TextTable sheet, StatusReport status)
    {
        sheet.Table(
            [Heading("LOOP", "BUSY", "CONNECTIONS", "REQUESTS", "WAITING", "ALLOCATED"), .. status.Loops.Select(Row)],
            0, 1, 2, 3, 4, 5);
        CertificateText.AddTo(sheet, status);
    }

    private static void AddService(TextTable sheet, ServiceReport service)
    {
        FleetReport fleet = service.Fleet;
        sheet.Line();
        sheet.Line(
            [
                new StyledText(service.Name, TextStyle.Strong), $" at {string.Join(", ", service.Routes)}, driver {fleet.Driver}: ",
                .. Summary(fleet, service.Traffic),
            ]);
        if (fleet.DriverWhy is { } why)
        {
            sheet.Line(new StyledText(Lost(why), TextStyle.Bad));
        }

        AddState(sheet, service.State, "its requests");
        AddScale(sheet, fleet);
        AddReplicas(sheet, service.Replicas, service.Ignored);
    }

    /// <summary>How the size of a fleet follows the load, in a line; empty if it does not, or if a balancer of an older version says nothing of that.</summary>
    internal static string Scale(ScaleReport? scale) => scale is null or { State: "fixed" } ? ""
        : $"{scale.State}, {scale.InRotation} of {scale.Minimum} to {scale.Maximum}: {scale.Why}{(scale.Next.Length > 0 ? $"; {scale.Next}" : "")}";

    /// <summary>How far a deploy is, in a line; empty if there was none, or if a balancer of an older version says nothing of that.</summary>
    internal static string Deploy(DeploySummary? deploy) => deploy is null ? "" : $"deploy of {deploy.Image}, {deploy.State}: {deploy.Why}";

    private static void AddScale(TextTable sheet, FleetReport fleet)
    {
        if (Deploy(fleet.Deploy) is { Length: > 0 } deploy)
        {
            sheet.Line(deploy);
        }

        if (Scale(fleet.Scale) is { Length: > 0 } line)
        {
            sheet.Line(new StyledText(line, fleet.Scale!.State == "broken" ? TextStyle.Bad : TextStyle.Faint));
        }
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

    /// <summary>A replica's state, with what is special about it.</summary>
    internal static StyledText State(ReplicaReport replica)
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

    /// <summary>A time with its unit; - for none.</summary>
    internal static string Time(double? milliseconds) => milliseconds is not { } time ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{(time >= 100 ? Math.Round(time) : Math.Round(time, time >= 10 ? 1 : 2))} ms");

    private static string Number(double number) => Math.Round(number, number >= 100 ? 0 : 1).ToString(CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
