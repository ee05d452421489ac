namespace Edge.Proxy;

internal enum RequestProgress : byte
{
    /// <summary>One side is not ready, or nothing is left to do.</summary>
    Going,

    /// <summary>The last byte was just handed to the replica's connection.</summary>
    Done,

    /// <summary>The client's chunks are malformed.</summary>
    Malformed,

    /// <summary>The client ended before its request did.</summary>
    ClientGone,
}
