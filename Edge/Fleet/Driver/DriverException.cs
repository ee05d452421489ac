namespace Edge.Fleet;

/// <summary>A driver could not do what it was asked; the message is its own.</summary>
internal sealed class DriverException : Exception
{
    internal DriverException(DriverFailure kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    internal DriverFailure Kind { get; }
}
