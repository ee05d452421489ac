using Edge.Tests.Backends;

namespace Edge.Tests.Probes;

/// <summary>Edge as the probes meet it: the defaults, with one loop so that a <see cref="Barrier"/> can tell what was read.</summary>
internal static class ProbeBalancer
{
    internal static TestBalancer Start(Probe probe, RecordingReplica replica) => new(
        s => s with
        {
            Loops = 1,
            // One replica gets each request once, so that what it sees can be counted.
            Retries = s.Retries with { Attempts = 1 },
            Forwarding = s.Forwarding with
            {
                // A name that most responses would carry, and no section asks for.
                NameReplica = false,
                TrustedProxies = probe.IsTrusted ? ["127.0.0.0/8"] : [],
            },
        },
        null,
        new Backend(replica.ServeAsync, TimeSpan.FromMinutes(2)));
}
