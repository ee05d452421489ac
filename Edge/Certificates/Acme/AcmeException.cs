namespace Edge.Certificates;

/// <summary>An authority gives no certificate; the message says why.</summary>
internal sealed class AcmeException : Exception
{
    internal AcmeException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <summary>The kind of the problem, without what all kinds begin with (RFC 8555 §6.7), as badNonce; null if the authority names none.</summary>
    internal string? Kind { get; init; }

    /// <summary>The status of the answer; 0 if there was none.</summary>
    internal int Status { get; init; }

    /// <summary>How long the authority asks to wait; null if it does not say.</summary>
    internal TimeSpan? RetryAfter { get; init; }

    /// <summary>The authority is still at work: the order is not to be given up.</summary>
    internal bool IsUnfinished { get; init; }

    /// <summary>Nothing is wrong with the name: the authority cannot be reached, or cannot work now.</summary>
    internal bool IsOutage => Status is 0 or >= 500 || Kind == "serverInternal";
}
