namespace Edge.Io;

/// <summary>
/// What the sessions of one loop share with OpenSSL's callbacks: which connection's bytes are read now, and where the records go that are to be sent.
/// In native memory, since OpenSSL keeps its address.
/// </summary>
internal unsafe struct TlsWire
{
    /// <summary>Of the connection whose turn it is.</summary>
    internal int Fd;

    /// <summary>The kernel may have something for it.</summary>
    internal bool IsReadable;

    /// <summary>Its peer sends no more.</summary>
    internal bool IsFinished;

    /// <summary>It broke while it was read.</summary>
    internal bool IsBroken;

    /// <summary>Messages of the protocol itself, as changes of keys, that its peer has sent or been sent since the last bytes of an application.</summary>
    internal int Messages;

    /// <summary>Records that are to be sent.</summary>
    internal byte* Out;

    internal int OutBytes;

    internal int OutCapacity;
}
