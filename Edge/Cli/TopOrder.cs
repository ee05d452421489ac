namespace Edge.Cli;

/// <summary>What the lines of <c>edge top</c> are sorted by; all but names with the largest first.</summary>
internal enum TopOrder
{
    Name,
    Rate,
    Errors,
    Latency,
    InFlight,
}
