namespace Edge.Simulate;

/// <summary>Traffic to a fleet whose size follows it.</summary>
/// <param name="Name">For people.</param>
/// <param name="Seconds">How long it lasts, after a while at its first rate.</param>
/// <param name="Rate">Requests a second at each second of that.</param>
/// <param name="Service">Seconds that a replica takes for a request, on average.</param>
/// <param name="StartLeast">Seconds that a start takes: between this</param>
/// <param name="StartMost">and this.</param>
internal sealed record ScaleCase(string Name, int Seconds, Func<int, double> Rate, double Service = 0.1, double StartLeast = 2, double StartMost = 5)
{
    /// <summary>How many replicas the largest rate of ten seconds needs, each with 14 requests in flight.</summary>
    internal int Needed => (int)Math.Ceiling(Math.Round(
        Enumerable.Range(0, Seconds - 10).Max(from => Enumerable.Range(from, 10).Average(Rate)) * Service / ScaleRuns.Rules.Target, 6));
}
