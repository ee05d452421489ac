using Edge.Config;

namespace Edge.Telemetry;

/// <summary>
/// Finished lines on their way from one thread, which never waits, to another one. The memory is allocated once; a line that has no room is refused.
/// </summary>
internal sealed class AccessRing
{
    // The size is a power of two, so that no position has to be divided by it.
    private const int Mask = Limits.AccessRingBytes - 1;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Limits.AccessRingBytes);
    private Positions _at;

    /// <summary>Bytes that wait to be read.</summary>
    internal int Fill => (int)(Volatile.Read(ref _at.Written) - Volatile.Read(ref _at.Read));

    /// <summary>Puts the whole line in, or nothing. For the one thread that writes.</summary>
    internal bool TryWrite(ReadOnlySpan<byte> line)
    {
        long written = _at.Written;
        if (line.Length > _bytes.Length - (written - Volatile.Read(ref _at.Read)))
        {
            return false;
        }

        int start = (int)written & Mask;
        int first = Math.Min(line.Length, _bytes.Length - start);
        line[..first].CopyTo(_bytes.AsSpan(start));
        line[first..].CopyTo(_bytes);
        Volatile.Write(ref _at.Written, written + line.Length);
        return true;
    }

    /// <summary>The bytes that can be read in one piece; a line that lies across the end comes in two pieces. For the one thread that reads.</summary>
    internal ReadOnlySpan<byte> Peek()
    {
        int start = (int)_at.Read & Mask;
        return _bytes.AsSpan(start, Math.Min(Fill, _bytes.Length - start));
    }

    /// <summary>Frees the room of the bytes that were read. For the one thread that reads.</summary>
    internal void Advance(int bytes) => Volatile.Write(ref _at.Read, _at.Read + bytes);

#pragma warning disable CS0169, IDE0051 // The lines are never read: they keep the two positions apart.
    private struct Positions
    {
        private CacheLine _before;
        internal long Written;
        private CacheLine _between;
        internal long Read;
        private CacheLine _behind;
    }
#pragma warning restore CS0169, IDE0051
}
