namespace Edge.Http;

/// <summary>What becomes of a trailer.</summary>
internal enum TrailerRule : byte
{
    Pass,

    /// <summary>It goes no further, and the message does.</summary>
    Drop,

    /// <summary>The message is malformed.</summary>
    Refuse,
}
