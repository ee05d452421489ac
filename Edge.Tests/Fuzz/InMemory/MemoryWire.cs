using System.Net.Sockets;

namespace Edge.Tests.Fuzz;

/// <summary>A connection that is nothing but two queues of bytes: what a stream in memory lies on, and the other end of it.</summary>
internal sealed class MemoryWire : IPeerWire
{
    // So little that each side is full at times.
    private const int BytesAtMost = 8192;

    private readonly Queue<byte> _toStream = new();
    private readonly Queue<byte> _toPeer = new();
    private readonly Queue<byte> _unsent = new();
    private bool _resetsWithEnd;
    private bool _isFinished;
    private bool _isReset;

    /// <summary>The peer sends no more.</summary>
    internal bool PeerFinished { get; private set; }

    /// <summary>The peer has reset it.</summary>
    internal bool IsReset { get; private set; }

    /// <summary>Nothing more is read or sent at the stream's end.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>What the stream's end was given and the peer's had no room for.</summary>
    internal int UnsentBytes => _unsent.Count;

    /// <summary>What the stream's end has handed over.</summary>
    internal long Sent { get; private set; }

    /// <summary>What the stream's end has read.</summary>
    internal long Received { get; private set; }

    /// <summary>A read finds something: bytes, the end, or that it is reset.</summary>
    internal bool HasSomething => _toStream.Count > 0 || PeerFinished || IsReset;

    internal bool IsFull => _toPeer.Count >= BytesAtMost;

    internal bool HasUntaken => _toPeer.Count > 0;

    /// <summary>Reads at the stream's end: 0 at the peer's end, -1 where nothing is there, -2 where it is reset.</summary>
    internal int Read(Span<byte> to)
    {
        int got = Take(_toStream, to);
        Received += got;
        return got > 0 ? got : IsReset ? -2 : PeerFinished ? 0 : -1;
    }

    /// <summary>Sends at the stream's end, and keeps what there is no room for. False where it is reset.</summary>
    internal bool Write(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            _unsent.Enqueue(b);
        }

        return Flush();
    }

    internal bool Flush()
    {
        while (_toPeer.Count < BytesAtMost && _unsent.TryDequeue(out byte b))
        {
            _toPeer.Enqueue(b);
            Sent++;
        }

        return !IsReset;
    }

    /// <summary>The stream's end sends no more.</summary>
    internal void Finish() => _isFinished = true;

    /// <summary>The stream's end is closed: the peer reads what was sent, and then the end, or that it was reset.</summary>
    internal void Close(bool resets)
    {
        IsClosed = true;
        _unsent.Clear();

        // As a kernel does where not all was read.
        _isReset |= resets || _toStream.Count > 0;
        _isFinished = true;
        _toStream.Clear();
    }

    public int Send(ReadOnlySpan<byte> bytes, out SocketError error)
    {
        int room = Math.Min(BytesAtMost - _toStream.Count, bytes.Length);
        error = IsClosed ? SocketError.ConnectionReset : room == 0 ? SocketError.WouldBlock : SocketError.Success;
        if (error != SocketError.Success)
        {
            return 0;
        }

        foreach (byte b in bytes[..room])
        {
            _toStream.Enqueue(b);
        }

        return room;
    }

    public int Receive(Span<byte> to, out SocketError error)
    {
        int got = Take(_toPeer, to);
        error = got > 0 ? SocketError.Success : _isReset ? SocketError.ConnectionReset : _isFinished ? SocketError.Success : SocketError.WouldBlock;
        return got;
    }

    public bool TryFinish()
    {
        PeerFinished = true;
        return !_isReset;
    }

    public void ResetWithEnd() => _resetsWithEnd = true;

    public void Dispose()
    {
        // As with a socket, what was sent before can still be read.
        IsReset |= _resetsWithEnd;
        PeerFinished = true;
        _toPeer.Clear();
    }

    private static int Take(Queue<byte> from, Span<byte> to)
    {
        int taken = 0;
        while (taken < to.Length && from.TryDequeue(out byte b))
        {
            to[taken++] = b;
        }

        return taken;
    }
}
