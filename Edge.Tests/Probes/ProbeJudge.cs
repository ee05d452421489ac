namespace Edge.Tests.Probes;

/// <summary>What a proxy made of a probe.</summary>
internal sealed record ProbeRecord
{
    /// <summary>Whole requests that the replica got, byte for byte.</summary>
    public required string[] Seen { get; init; }

    /// <summary>What the client got.</summary>
    public required string Got { get; init; }

    /// <summary>The client's connection was ended by the proxy.</summary>
    public required bool Closed { get; init; }

    /// <summary>What one more request got on the same connection, where that was open.</summary>
    public required string After { get; init; }

    /// <summary>What one more request got on another connection.</summary>
    public required string Later { get; init; }

    /// <summary>One more request came to the replica on a connection that had carried the probe's.</summary>
    public required bool Reused { get; init; }

    /// <summary>With long runs counted, for a file.</summary>
    internal ProbeRecord Packed() => this with { Seen = [.. Seen.Select(ProbeText.Packed)], Got = ProbeText.Packed(Got), After = ProbeText.Packed(After) };

    /// <summary>As it was before <see cref="Packed"/>.</summary>
    internal ProbeRecord Unpacked() =>
        this with { Seen = [.. Seen.Select(ProbeText.Unpacked)], Got = ProbeText.Unpacked(Got), After = ProbeText.Unpacked(After) };
}

/// <summary>Whether a proxy does what a probe demands of any, however it writes what it forwards; the same for Edge and its peers.</summary>
internal static class ProbeJudge
{
    /// <summary>What is to be objected to; null for nothing.</summary>
    internal static string? Objection(Probe probe, ProbeRecord record)
    {
        HttpReading[] got = HttpReading.Responses(record.Got, record.Closed, probe.IsHead);
        if (!IsAfter(record.Later))
        {
            return "the next request was not answered";
        }

        if (Array.Find(probe.NeverGets, t => Contains(record.Got, t)) is { } never)
        {
            return $"the client got {ProbeText.Shown(never).Trim()}";
        }

        if (Array.Find(probe.Lacks, t => record.Seen.Any(s => Contains(s, t))) is { } lacking)
        {
            return $"the replica saw {ProbeText.Shown(lacking)}";
        }

        return probe.Demand switch
        {
            Demand.Refuse => MessageError(probe, record, got),
            Demand.Answer => record.Seen.Length > 0 ? "forwarded" : got is [{ Status: >= 200 and < 500, IsWhole: true }, ..] ? null : "no answer",
            Demand.BadGateway => Failure(probe, record, got),
            _ => Forwarding(probe, record, got),
        };
    }

    /// <summary>What came of it, in a few words.</summary>
    internal static string Summary(Probe probe, ProbeRecord record)
    {
        HttpReading[] got = HttpReading.Responses(record.Got, record.Closed, probe.IsHead);
        IEnumerable<string> words = got.GroupBy(g => g.Status).Select(g => (g.Count() > 1 ? $"{g.Count()} × " : "") + (g.Key == 0 ? "garbage" : $"{g.Key}"));
        string statuses = got.Length == 0 ? record.Closed ? "closed" : "no answer" : string.Join(", ", words) + (got[^1].IsWhole ? "" : " cut short");
        return probe.Demand is Demand.Refuse or Demand.Answer && record.Seen.Length > 0 ? $"forwarded, {statuses}" : statuses;
    }

    private static string? MessageError(Probe probe, ProbeRecord record, HttpReading[] got)
    {
        if (record.Seen.Length > 0)
        {
            return probe.MayBecome is { } may && record.Seen.All(may) ? null : "forwarded";
        }

        return got.Any(g => g.Status is > 0 and < 400) ? "not refused" : got.Length == 0 && !record.Closed ? "waits for more" : null;
    }

    private static string? Failure(Probe probe, ProbeRecord record, HttpReading[] got)
    {
        HttpReading? final = Array.Find(got, g => g.IsFinal);
        if (probe.MayPass is { } may && final is { Status: >= 200, IsWhole: true } && may(record.Got))
        {
            return null;
        }

        bool isFailure = final is null ? record.Closed : final.Status >= 500 && final.Status < 600 || (record.Closed && !final.IsWhole && final.Status != 0);
        if (!isFailure)
        {
            return final is null ? "waits for more" : "passed on";
        }

        return probe.EndsUpstream && record.Reused ? "the connection was used again" : null;
    }

    private static string? Forwarding(Probe probe, ProbeRecord record, HttpReading[] got)
    {
        HttpReading[] seen = [.. record.Seen.Select(HttpReading.Request)], sees = [.. probe.Sees.Select(HttpReading.Request)];
        if (seen.Length != sees.Length)
        {
            return seen.Length == 0 && probe.MayBeRefused && got is [{ Status: >= 400 }, ..]
                ? null : seen.Length == 0 ? "not forwarded" : $"{seen.Length} requests forwarded";
        }

        for (int i = 0; i < seen.Length; i++)
        {
            if (seen[i].Asked != sees[i].Asked)
            {
                return $"asked for {ProbeText.Shown(seen[i].Asked)}";
            }

            if (seen[i].Body != sees[i].Body)
            {
                return "another body";
            }

            if (Array.Find(probe.Needs, n => !HasField(seen[i], n)) is { } needed)
            {
                return $"the replica did not see {ProbeText.Shown(needed.TrimEnd('*').TrimEnd(' ', ':'))}";
            }
        }

        HttpReading[] gets = [.. HttpReading.Responses(probe.Gets + probe.GetsBefore, probe.Closes, probe.IsHead).Where(g => g.IsFinal)];
        HttpReading[] finals = [.. got.Where(g => g.IsFinal)];
        if (finals.Length < gets.Length || gets.Where((g, i) => g.Status != finals[i].Status || g.Body != finals[i].Body || !finals[i].IsWhole).Any())
        {
            return "another answer";
        }

        if (Array.Find(probe.GetsAnyway, t => !Contains(record.Got, t)) is { } missing)
        {
            return $"the client did not get {ProbeText.Shown(missing.Trim())}";
        }

        return probe.ClosesAnyway && !record.Closed ? "not closed"
            : probe.EndsUpstream && record.Reused ? "the connection was used again"
            : record.Closed || IsAfter(record.After) ? null : "out of step";
    }

    private static bool IsAfter(string text) => HttpReading.Responses(text, isEnded: true, toHead: false) is [{ Status: 200, Body: "after" }];

    private static bool Contains(string text, string piece) => text.Contains(piece, StringComparison.OrdinalIgnoreCase);

    // A star at the end stands for any text.
    private static bool HasField(HttpReading message, string line)
    {
        string name = line[..line.IndexOf(':', StringComparison.Ordinal)], value = line[(name.Length + 1)..].Trim(' ');
        return message.Values(name).Any(v => value.EndsWith('*') ? v.StartsWith(value[..^1], StringComparison.Ordinal) : v == value);
    }
}
