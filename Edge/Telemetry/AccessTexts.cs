namespace Edge.Telemetry;

/// <summary>The texts of a request's head that its line contains, as the client sent them. Of a text that is too long, the rest is cut off.</summary>
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

    /// <summary>Of the client's TLS, as 1.3; empty without TLS, and then so are the three below.</summary>
    internal ReadOnlySpan<byte> TlsVersion;
    internal ReadOnlySpan<byte> TlsSuite;
    internal ReadOnlySpan<byte> TlsName;
    internal bool IsTlsResumed;
}
