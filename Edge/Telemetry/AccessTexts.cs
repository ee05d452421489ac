namespace Edge.Telemetry;

/// <summary>What the head of a request brings into its line, as it came; of a text that is too long, the rest is cut off.</summary>
internal ref struct AccessTexts
{
    internal ReadOnlySpan<byte> Method;
    internal ReadOnlySpan<byte> Host;
    internal ReadOnlySpan<byte> Target;
    internal ReadOnlySpan<byte> Referer;
    internal ReadOnlySpan<byte> UserAgent;
    internal ReadOnlySpan<byte> RequestId;
    internal ReadOnlySpan<byte> TraceId;
    internal int MinorVersion;
}
