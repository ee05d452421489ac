namespace Edge.Http;

/// <summary>What kind of bytes <see cref="ChunkScanner.Next"/> took.</summary>
internal enum ChunkPart : byte
{
    /// <summary>Size lines, line ends, trailers: no content.</summary>
    Framing,

    /// <summary>For this hop only, and not passed on: the extensions of a chunk, white space behind its size, trailers that are dropped.</summary>
    Hop,

    /// <summary>
    /// The beginning of a trailer's name; whether the trailer is passed on is not known yet. The name is framing if framing follows it, and is not
    /// passed on if <see cref="Hop"/> follows. It is no longer than <see cref="TrailerFields.NameBytesAtMost"/>, in one piece or several.
    /// </summary>
    Name,

    /// <summary>Content.</summary>
    Data,

    /// <summary>Framing; the message ends with its last byte.</summary>
    End,

    /// <summary>No chunked body. Nothing behind this point can be trusted.</summary>
    Bad,
}
