namespace Edge.Proxy;

/// <summary>A TLS handshake that is under way, in the list of its loop's <see cref="Handshakes"/>.</summary>
internal sealed class Handshake
{
    /// <summary>Whose it is; null while the object is unused.</summary>
    internal IHandshaker? Client { get; set; }

    /// <summary>When it began, in nanoseconds of the loop's clock.</summary>
    internal long Began { get; set; }

    /// <summary>It waits for a turn to go on in.</summary>
    internal bool IsWaiting { get; set; }

    // The list of all handshakes, the oldest first.
    internal Handshake? Older { get; set; }

    internal Handshake? Newer { get; set; }
}
