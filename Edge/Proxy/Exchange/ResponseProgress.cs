namespace Edge.Proxy;

internal enum ResponseProgress : byte
{
    /// <summary>One side has to be waited for.</summary>
    Going,

    /// <summary>All of it was handed to the client's connection.</summary>
    Finished,

    /// <summary>The replica's connection ended or broke before the response did.</summary>
    ReplicaEnded,

    /// <summary>The replica answered with a status after which another is asked; the client has seen nothing of it.</summary>
    Refused,

    /// <summary>The replica took up a protocol that the client had offered, and the client was told: what follows is no HTTP.</summary>
    Switched,

    /// <summary>What the replica sends is no response.</summary>
    Malformed,

    ClientGone,
}
