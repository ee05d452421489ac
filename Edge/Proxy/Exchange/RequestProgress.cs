namespace Edge.Proxy;

internal enum RequestProgress : byte
{
    /// <summary>One side has to be waited for, or nothing is left to do.</summary>
    Going,

    /// <summary>Just now the last of it was handed to the replica's connection.</summary>
    Done,

    /// <summary>The client's chunks are malformed.</summary>
    Malformed,

    /// <summary>The client ended before its request did.</summary>
    ClientGone,
}
