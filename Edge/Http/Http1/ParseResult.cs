namespace Edge.Http;

internal enum ParseResult : byte
{
    /// <summary>The whole head is there.</summary>
    Complete,

    /// <summary>The bytes are right so far, and more are needed.</summary>
    Partial,

    /// <summary>No further byte can make the head right; <see cref="Head.MessageError"/> says why.</summary>
    Bad,
}
