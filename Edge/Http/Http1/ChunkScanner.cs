using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Edge.Config;

namespace Edge.Http;

/// <summary>
/// Follows a chunked body (RFC 9112 §7.1) as it passes, and finds its end. It is strict: sizes are only hexadecimal digits, lines end only in CRLF,
/// and lengths are bounded (§7.1.1 for those of extensions). Extensions of requests have to be well formed. Extensions of responses may be any text,
/// and a size may have white space behind it, because devices write them so.
/// </summary>
/// <param name="dropsTrailers">All trailers are taken as <see cref="ChunkPart.Hop"/>.</param>
/// <param name="isAnswer">The body belongs to a response.</param>
internal struct ChunkScanner(bool dropsTrailers, bool isAnswer)
{
    // 15 digits are at most 2^60, so nothing overflows.
    private const int SizeDigitsAtMost = 15;

    private readonly bool _dropsTrailers = dropsTrailers;
    private readonly bool _isAnswer = isAnswer;
    private ChunkExtensions _extensions;
    private State _state;
    private bool _dropsTrailer;
    private int _lineBytes;
    private int _trailerBytes;
    private long _unpaidBytes;
    private long _remaining;
    private int _nameLength;
    private NameStart _name;

    private enum State : byte
    {
        Size,
        Extension,
        SizeLineFeed,
        Data,
        DataReturn,
        DataLineFeed,
        TrailerStart,
        TrailerName,
        TrailerValue,
        TrailerLineFeed,
        LastLineFeed,
        Ended,
    }

    /// <summary>Takes the next piece of one kind from the input.</summary>
    /// <param name="input">What follows the bytes taken so far; not empty.</param>
    /// <param name="taken">How many bytes the result is about; at least 1, except for <see cref="ChunkPart.Bad"/>.</param>
    internal ChunkPart Next(ReadOnlySpan<byte> input, out int taken)
    {
        if (_state == State.Data)
        {
            taken = (int)Math.Min(_remaining, input.Length);
            _remaining -= taken;
            if (_remaining == 0)
            {
                _state = State.DataReturn;
            }

            return ChunkPart.Data;
        }

        ChunkPart kind = KindOf(input[0]);
        for (taken = 0; taken < input.Length; taken++)
        {
            if (_state == State.Data || KindOf(input[taken]) != kind)
            {
                return kind;
            }

            if (!Step(input[taken]))
            {
                return ChunkPart.Bad;
            }

            if (_state == State.Ended)
            {
                taken++;
                return ChunkPart.End;
            }
        }

        return kind;
    }

    private readonly ChunkPart KindOf(byte next) => _state switch
    {
        State.Size => next is (byte)' ' or (byte)'\t' or (byte)';' ? ChunkPart.Hop : ChunkPart.Framing,
        State.Extension => next != '\r' ? ChunkPart.Hop : ChunkPart.Framing,
        State.TrailerStart => next == '\r' ? ChunkPart.Framing : _dropsTrailers ? ChunkPart.Hop : ChunkPart.Name,
        State.TrailerName => _dropsTrailers ? ChunkPart.Hop
            : next == ':' ? TrailerFields.Of(Name) == TrailerRule.Drop ? ChunkPart.Hop : ChunkPart.Framing
            : _nameLength < NameStart.Length ? ChunkPart.Name : ChunkPart.Framing,
        State.TrailerValue or State.TrailerLineFeed => _dropsTrailers || _dropsTrailer ? ChunkPart.Hop : ChunkPart.Framing,
        _ => ChunkPart.Framing,
    };

    private bool Step(byte b)
    {
        switch (_state)
        {
            case State.Size:
                return StepSize(b);
            case State.Extension:
                return StepExtension(b);
            case State.SizeLineFeed:
                _lineBytes = 0;
                _unpaidBytes = Math.Max(0, _unpaidBytes - _remaining);
                return b == '\n' && Go(_remaining == 0 ? State.TrailerStart : State.Data);
            case State.DataReturn:
                return b == '\r' && Go(State.DataLineFeed);
            case State.DataLineFeed:
                return b == '\n' && Go(State.Size);
            case State.TrailerStart:
                _nameLength = 0;
                return b == '\r' ? Go(State.LastLineFeed) : Go(State.TrailerName) && StepTrailer(b);
            case State.TrailerName or State.TrailerValue:
                return StepTrailer(b);
            case State.TrailerLineFeed:
                return b == '\n' && Go(State.TrailerStart);
            case State.LastLineFeed:
                return b == '\n' && Go(State.Ended);
            default:
                return false;
        }
    }

    private bool StepSize(byte b)
    {
        if (char.IsAsciiHexDigit((char)b))
        {
            _remaining = _remaining << 4 | (uint)HexValue(b);
            return ++_lineBytes <= SizeDigitsAtMost;
        }

        if (_lineBytes == 0)
        {
            return false;
        }

        if (b == '\r')
        {
            return Go(State.SizeLineFeed);
        }

        _extensions = default;
        return b is (byte)';' or (byte)' ' or (byte)'\t' && Go(State.Extension) && StepExtension(b);
    }

    // With an extension on every chunk of one byte, a body would consist mostly of bytes that nobody reads. So each byte of content allows one byte
    // of extensions.
    private bool StepExtension(byte b)
    {
        if (b == '\r')
        {
            return (_isAnswer || _extensions.MayEnd) && Go(State.SizeLineFeed);
        }

        return ++_lineBytes <= Limits.ChunkLineBytes && ++_unpaidBytes <= Limits.ChunkExtensionBytes
            && (_isAnswer ? _extensions.TakeLoosely(b) : _extensions.Take(b));
    }

    private bool StepTrailer(byte b)
    {
        if (++_trailerBytes > Limits.TrailerBytes)
        {
            return false;
        }

        if (_state == State.TrailerValue)
        {
            return b == '\r' ? Go(State.TrailerLineFeed) : ChunkExtensions.IsText(b);
        }

        if (b == ':')
        {
            TrailerRule rule = TrailerFields.Of(Name);
            _dropsTrailer = rule == TrailerRule.Drop;
            return _nameLength > 0 && rule != TrailerRule.Refuse && Go(State.TrailerValue);
        }

        if (_nameLength < NameStart.Length)
        {
            _name[_nameLength] = b;
        }

        _nameLength++;
        return HeadScan.IsToken([b]);
    }

    [UnscopedRef]
    private readonly ReadOnlySpan<byte> Name => ((ReadOnlySpan<byte>)_name)[..Math.Min(_nameLength, NameStart.Length)];

    private bool Go(State state)
    {
        if (state == State.Size)
        {
            _remaining = 0;
        }

        _state = state;
        return true;
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    /// <summary>The beginning of a trailer's name; the longest name that is looked for fits.</summary>
    [InlineArray(Length)]
    private struct NameStart
    {
        internal const int Length = TrailerFields.NameBytesAtMost;
        private byte _first;
    }
}
