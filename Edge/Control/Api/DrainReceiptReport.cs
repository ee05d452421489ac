namespace Edge.Control;

/// <summary>How a replica left.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Finished">Requests in flight that got their answer.</param>
/// <param name="Retried">Requests that went on to another replica.</param>
/// <param name="Cut">Requests that failed.</param>
/// <param name="LongestMilliseconds">How long the last of them took.</param>
/// <param name="ExitCode">Of its program; null if it is not known.</param>
/// <param name="OutOfMemory">Whether it was killed because of the memory that it used.</param>
internal sealed record DrainReceiptReport(
    string Name,
    long Finished,
    long Retried,
    long Cut,
    long LongestMilliseconds,
    int? ExitCode,
    bool OutOfMemory);
