namespace Edge.Fleet;

/// <summary>A driver could not do what it was asked; the message is its own.</summary>
internal sealed class DriverException : Exception
{
    internal DriverException(DriverFailure kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    internal DriverFailure Kind { get; }

    /// <summary>The last lines that the replica printed, if that is what failed; null if they were not read.</summary>
    internal IReadOnlyList<string>? LastLines { get; init; }
}
