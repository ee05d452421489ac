namespace Edge.Http;

/// <summary>What happens to a trailer.</summary>
internal enum TrailerRule : byte
{
    Pass,

    /// <summary>The trailer is left out, and the message goes on.</summary>
    Drop,

    /// <summary>The message is malformed.</summary>
    Refuse,
}
