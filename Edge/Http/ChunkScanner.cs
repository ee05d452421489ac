using System.Runtime.CompilerServices;
using System.Text;
using Edge.Options;

namespace Edge.Http;

/// <summary>What the bytes are that <see cref="ChunkScanner.Next"/> took.</summary>
internal enum ChunkPart : byte
{
    /// <summary>Size lines, line ends, trailers: nothing of the content.</summary>
    Framing,

    /// <summary>For this hop alone and not passed on: a chunk's extensions with the white space before them, trailers that are to be dropped.</summary>
    Hop,

    /// <summary>Content.</summary>
    Data,

    /// <summary>Framing, and with its last byte the message ended.</summary>
    End,

    /// <summary>Not a chunked body; nothing behind this point can be trusted.</summary>
    Bad,
}

/// <summary>
/// Follows a chunked body (RFC 9112 §7.1) as it passes, byte by byte where it has to, and finds its end. Strict: sizes
/// are hexadecimal digits alone, lines end in CRLF alone, and lengths are bounded (§7.1.1 for those of extensions).
/// </summary>
/// <param name="dropsTrailers">Trailers are taken as <see cref="ChunkPart.Hop"/>.</param>
internal struct ChunkScanner(bool dropsTrailers)
{
    // 15 digits are 2^60: no overflow can be reached.
    private const int SizeDigitsAtMost = 15;

    private readonly bool _dropsTrailers = dropsTrailers;
    private State _state;
    private int _lineBytes;
    private int _trailerBytes;
    private long _unpaidBytes;
    private long _remaining;
    private int _nameLength;
    private NameStart _name;

    private enum State : byte
    {
        Size,
        SpaceBehindSize,
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

    /// <summary>Takes the next piece of one kind off the input.</summary>
    /// <param name="input">What follows the bytes taken so far; not empty.</param>
    /// <param name="taken">How many of its first bytes the answer speaks of; at least 1, but for <see cref="ChunkPart.Bad"/>.</param>
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

        bool isHop = IsHop(input[0]);
        for (taken = 0; taken < input.Length; taken++)
        {
            if (_state == State.Data || IsHop(input[taken]) != isHop)
            {
                return isHop ? ChunkPart.Hop : ChunkPart.Framing;
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

        return isHop ? ChunkPart.Hop : ChunkPart.Framing;
    }

    private readonly bool IsHop(byte next) => _state switch
    {
        State.Size => next is (byte)' ' or (byte)'\t' or (byte)';',
        State.SpaceBehindSize or State.Extension => next != '\r',
        State.TrailerStart => _dropsTrailers && next != '\r',
        State.TrailerName or State.TrailerValue or State.TrailerLineFeed => _dropsTrailers,
        _ => false,
    };

    private bool Step(byte b)
    {
        switch (_state)
        {
            case State.Size:
                return StepSize(b);
            case State.SpaceBehindSize:
                return CountExtension() && (b == ';' ? Go(State.Extension) : b is (byte)' ' or (byte)'\t');
            case State.Extension:
                return CountExtension() && (b == '\r' ? Go(State.SizeLineFeed) : IsText(b));
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

        return _lineBytes > 0 && b switch
        {
            (byte)'\r' => Go(State.SizeLineFeed),
            (byte)';' => Go(State.Extension),
            // The one place where the RFC has a recipient take white space that a sender must not put there (BWS).
            (byte)' ' or (byte)'\t' => Go(State.SpaceBehindSize),
            _ => false,
        };
    }

    // Extensions on every chunk of a byte would make a body mostly of what nobody reads; each byte of content pays for one.
    private bool CountExtension() => ++_lineBytes <= Limits.ChunkLineBytes && ++_unpaidBytes <= Limits.ChunkExtensionBytes;

    private bool StepTrailer(byte b)
    {
        if (++_trailerBytes > Limits.TrailerBytes)
        {
            return false;
        }

        if (_state == State.TrailerValue)
        {
            return b == '\r' ? Go(State.TrailerLineFeed) : IsText(b);
        }

        if (b == ':')
        {
            return _nameLength > 0 && !IsForbiddenTrailer() && Go(State.TrailerValue);
        }

        if (_nameLength < NameStart.Length)
        {
            _name[_nameLength] = b;
        }

        _nameLength++;
        return HeadParser.IsToken([b]);
    }

    // Fields that frame, route or authenticate a message mean nothing behind it, and harm where a reader merges them
    // into the head (RFC 9110 §6.5.1).
    private readonly bool IsForbiddenTrailer()
    {
        ReadOnlySpan<byte> name = ((ReadOnlySpan<byte>)_name)[..Math.Min(_nameLength, NameStart.Length)];
        return KnownNames.Field(name) is not (KnownField.Other or KnownField.Date or KnownField.Via)
            || Ascii.EqualsIgnoreCase(name, "set-cookie"u8)
            || Ascii.EqualsIgnoreCase(name, "content-encoding"u8)
            || Ascii.EqualsIgnoreCase(name, "content-type"u8)
            || Ascii.EqualsIgnoreCase(name, "content-range"u8);
    }

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

    private static bool IsText(byte b) => b is >= 0x20 and not 0x7F or (byte)'\t';

    /// <summary>The beginning of a trailer's name: the longest that is looked for fits.</summary>
    [InlineArray(Length)]
    private struct NameStart
    {
        internal const int Length = 32;
        private byte _first;
    }
}
