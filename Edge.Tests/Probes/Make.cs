namespace Edge.Tests.Probes;

/// <summary>The kinds of probes, so that each takes a line or two.</summary>
internal static class Make
{
    /// <summary>Answered by Edge itself with this status and a closed connection; nothing whole reaches the replica.</summary>
    internal static Probe Refused(string name, string section, Rank rank, int status, string sends) =>
        new(name, section, rank, Demand.Refuse) { Sends = Probe.Lines(sends), Status = status, Closes = true };

    /// <summary>Forwarded as said, answered with 200 and "ok"; the connection goes on.</summary>
    /// <param name="name">What is tried.</param>
    /// <param name="section">Of the RFC.</param>
    /// <param name="rank">How far it decides.</param>
    /// <param name="sends">By the client.</param>
    /// <param name="sees">The replica, each as <see cref="Probe.Seen"/> made it.</param>
    internal static Probe Forwarded(string name, string section, Rank rank, string sends, params string[] sees) =>
        new(name, section, rank, Demand.Forward)
        {
            Sends = Probe.Lines(sends),
            Sees = sees,
            Gets = string.Concat(Enumerable.Repeat(OkGets, sees.Length)),
        };

    /// <summary>What the client gets of <see cref="Probe.Ok"/>.</summary>
    internal static string OkGets { get; } = Probe.Passed("HTTP/1.1 200 OK|Content-Length: 2|", "ok");

    /// <summary>The same on a connection that ends.</summary>
    internal static string OkGetsAndCloses { get; } = Probe.Passed("HTTP/1.1 200 OK|Content-Length: 2|", "ok", "Connection: close|");
}
