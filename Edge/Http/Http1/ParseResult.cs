namespace Edge.Http;

internal enum ParseResult : byte
{
    /// <summary>The head is there, whole.</summary>
    Complete,

    /// <summary>What is there is right so far, and more is needed.</summary>
    Partial,

    /// <summary>No further byte can make it right; <see cref="Head.MessageError"/> says why.</summary>
    Bad,
}
