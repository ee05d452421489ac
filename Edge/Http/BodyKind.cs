namespace Edge.Http;

internal enum BodyKind : byte
{
    None,

    /// <summary>As long as Content-Length says.</summary>
    Length,

    Chunked,

    /// <summary>A response that ends with its connection.</summary>
    UntilClose,
}
