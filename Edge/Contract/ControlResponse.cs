namespace Edge.Contract;

/// <summary>The answer to a <see cref="ControlRequest"/>; Content-Length, Date and Connection are added by the loop that sends it.</summary>
/// <param name="Status">A final status, 200 to 599.</param>
/// <param name="Body">May be empty.</param>
/// <param name="Fields">Further header fields, Content-Type among them; names and values ASCII without control characters.</param>
internal sealed record ControlResponse(
    int Status,
    ReadOnlyMemory<byte> Body,
    IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    /// <summary>The body if it has no known end; null if <see cref="Body"/> is the whole body. The sender of the answer abandons it at the end.</summary>
    internal ControlStream? Stream { get; init; }
}
