using Edge.Http;

namespace Edge.Proxy;

/// <summary>A response's head as it came from a replica, and what it becomes on its way to the client.</summary>
internal readonly ref struct ResponseHead
{
    /// <summary>The bytes that <see cref="Head"/> was parsed from.</summary>
    internal ReadOnlySpan<byte> Data { get; init; }

    internal Head Head { get; init; }

    /// <summary>What its Connection fields say.</summary>
    internal ConnectionOptions Connection { get; init; }

    /// <summary>How the end of its body is told.</summary>
    internal BodyKind Body { get; init; }

    /// <summary>The whole header line that names the replica, or empty.</summary>
    internal ReadOnlySpan<byte> ReplicaLine { get; init; }

    /// <summary>The whole Via line, or empty for none. Its version is that of the message as it came (RFC 9110 §7.6.3).</summary>
    internal ReadOnlySpan<byte> ViaLine { get; init; }

    /// <summary>All of the body has arrived with it.</summary>
    internal bool IsWhole { get; init; }

    /// <summary>The request was handed over before it.</summary>
    internal bool IsRequestDone { get; init; }

    /// <summary>The request goes on behind it.</summary>
    internal bool RequestGoesOn { get; init; }
}
