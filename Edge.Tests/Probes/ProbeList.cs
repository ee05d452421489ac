namespace Edge.Tests.Probes;

/// <summary>All probes, subject by subject.</summary>
internal static class ProbeList
{
    internal static Probe[] All { get; } =
    [
        .. Of("The request line", RequestLineProbes.All),
        .. Of("Targets", TargetProbes.All),
        .. Of("Host", HostProbes.All),
        .. Of("Fields", FieldProbes.All),
        .. Of("Lengths", LengthProbes.All),
        .. Of("Transfer codings", TransferCodingProbes.All),
        .. Of("Chunks and trailers", ChunkProbes.All),
        .. Of("Fields for one hop", HopProbes.All),
        .. Of("What is said about the client", ForwardedProbes.All),
        .. Of("The exchange", ExchangeProbes.All),
        .. Of("Answers", AnswerProbes.All),
    ];

    private static IEnumerable<Probe> Of(string subject, IEnumerable<Probe> probes) => probes.Select(p => p with { Subject = subject });
}
