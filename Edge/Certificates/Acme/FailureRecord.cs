namespace Edge.Certificates;

/// <summary>That a name's certificate could not be got, again and again. Kept on the disk: a process that starts anew must not ask at once.</summary>
/// <param name="Count">How often in a row.</param>
/// <param name="First">When the first attempt failed.</param>
/// <param name="RetryAt">No attempt is made before.</param>
/// <param name="Why">The last reason.</param>
internal sealed record FailureRecord(int Count, DateTimeOffset First, DateTimeOffset RetryAt, string Why);
