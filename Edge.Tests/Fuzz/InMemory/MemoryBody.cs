using Edge.Http;
using Edge.Proxy;

namespace Edge.Tests.Fuzz;

/// <summary>The body that comes in by a stream in memory.</summary>
/// <param name="wire">By which.</param>
internal sealed class MemoryBody(MemoryWire wire)
{
    // What one read takes: so little that bodies come in many.
    private const int ReadBytes = 1021;

    private readonly byte[] _area = new byte[ReadBytes + TrailerFields.NameBytesAtMost];
    private BodyScanner _body;
    private bool _progressed;

    internal bool Ended => _body.Ended;

    internal long Bytes => _body.Bytes;

    internal bool IsTooLarge => _body.IsTooLarge;

    internal bool HasMoved { get; private set; }

    /// <summary>What came behind its end in the last read.</summary>
    internal byte[] Surplus { get; private set; } = [];

    internal void Begin(BodyFraming framing, bool decode, long contentAtMost = long.MaxValue, bool isAnswer = false, bool dropTrailers = false)
    {
        _body.Begin(framing, decode, contentAtMost, isAnswer, dropTrailers);
        HasMoved = _progressed = false;
        Surplus = [];
    }

    /// <summary>Takes what has arrived with the head. False where it is malformed.</summary>
    internal bool Take(byte[] arrived, out byte[] kept)
    {
        bool isSound = _body.Take(arrived, out int taken, out int length);
        (kept, Surplus) = isSound ? (arrived[..length], arrived[taken..]) : ([], []);
        return isSound;
    }

    internal RelayResult Move(MessageStream to)
    {
        Surplus = [];
        while (true)
        {
            if (!to.Flush())
            {
                return RelayResult.SinkBroken;
            }

            if (to.UnsentBytes > 0 || _body.Ended)
            {
                return to.UnsentBytes > 0 ? RelayResult.Blocked : RelayResult.Done;
            }

            RelayResult result = Read(out ReadOnlySpan<byte> content);
            if (!content.IsEmpty && !to.Send(content))
            {
                return RelayResult.SinkBroken;
            }

            if (result is not (RelayResult.Yielded or RelayResult.Done))
            {
                return result;
            }
        }
    }

    /// <summary>Reads once.</summary>
    internal RelayResult Read(out ReadOnlySpan<byte> content)
    {
        content = Surplus = [];
        int held = _body.KeptBytes;
        int got = wire.Read(_area.AsSpan(held, ReadBytes));
        if (got <= 0)
        {
            return got == -1 ? RelayResult.Blocked : got == 0 && _body.TryEnd() ? RelayResult.Done : RelayResult.SourceEnded;
        }

        _body.PutKeptBefore(_area);
        bool isSound = _body.Take(_area.AsSpan(0, held + got), out int taken, out int kept);
        content = _area.AsSpan(0, kept);
        HasMoved |= isSound;
        _progressed |= isSound;
        if (!isSound)
        {
            return RelayResult.Malformed;
        }

        Surplus = _area[taken..(held + got)];
        return _body.Ended ? RelayResult.Done : RelayResult.Yielded;
    }

    internal bool TakeProgress()
    {
        bool progressed = _progressed;
        _progressed = false;
        return progressed;
    }

    internal void Release()
    {
        _body.End();
        HasMoved = _progressed = false;
        Surplus = [];
    }
}
