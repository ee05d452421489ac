namespace Edge.Http;

internal enum BodyKind : byte
{
    None,

    /// <summary>The body has the length of Content-Length.</summary>
    Length,

    Chunked,

    /// <summary>The body of a response ends with its connection.</summary>
    UntilClose,
}
