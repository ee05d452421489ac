namespace Edge.Http;

/// <summary>What the bytes are that <see cref="ChunkScanner.Next"/> took.</summary>
internal enum ChunkPart : byte
{
    /// <summary>Size lines, line ends, trailers: nothing of the content.</summary>
    Framing,

    /// <summary>For this hop alone and not passed on: a chunk's extensions, white space behind its size, trailers that are dropped.</summary>
    Hop,

    /// <summary>
    /// The beginning of a trailer's name, whose fate is not known yet. It is framing where framing follows it, and not passed on where
    /// <see cref="Hop"/> does. No longer than <see cref="TrailerFields.NameBytesAtMost"/>, in one piece or more.
    /// </summary>
    Name,

    /// <summary>Content.</summary>
    Data,

    /// <summary>Framing, and with its last byte the message ended.</summary>
    End,

    /// <summary>Not a chunked body; nothing behind this point can be trusted.</summary>
    Bad,
}
