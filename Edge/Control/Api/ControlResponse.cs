namespace Edge.Control;

/// <summary>The answer to a <see cref="ControlRequest"/>.</summary>
/// <param name="Status">A final status.</param>
/// <param name="Body">JSON, or empty.</param>
/// <param name="Fields">Header fields beside Content-Length, Date and Connection.</param>
internal sealed record ControlResponse(int Status, ReadOnlyMemory<byte> Body, IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    /// <summary>Has more to say as time goes on; null where the body is all. Whoever sends the answer disposes it.</summary>
    internal EventListener? Events { get; init; }
}
