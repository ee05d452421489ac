namespace Edge.Proxy;

internal enum ResponseProgress : byte
{
    /// <summary>One side is not ready.</summary>
    Going,

    /// <summary>The whole response was handed to the client's connection.</summary>
    Finished,

    /// <summary>The replica's connection ended or broke before the response did.</summary>
    ReplicaEnded,

    /// <summary>The replica answered with a status after which another is asked; the client has seen nothing of it.</summary>
    Refused,

    /// <summary>The replica took up a protocol that the client had offered, and the client was told: the bytes that follow are not HTTP.</summary>
    Switched,

    /// <summary>The replica's bytes are no response.</summary>
    Malformed,

    ClientGone,
}
