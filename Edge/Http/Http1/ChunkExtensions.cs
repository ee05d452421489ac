namespace Edge.Http;

/// <summary>
/// Checks the bytes between a chunk's size and the end of its line, one by one: <c>*( BWS ";" BWS name [ BWS "=" BWS value ] )</c>. A name is a
/// token, a value a token or a quoted string (RFC 9112 §7.1.1, RFC 9110 §5.6.4).
/// </summary>
internal struct ChunkExtensions
{
    private State _state;

    private enum State : byte
    {
        /// <summary>White space; an extension has to follow.</summary>
        BehindSize,
        BeforeName,
        Name,
        BehindName,
        BeforeValue,
        Value,
        Quoted,
        Escaped,
        BehindQuoted,
        BehindValue,
    }

    /// <summary>Whether the line may end here.</summary>
    internal readonly bool MayEnd => _state is State.Name or State.Value or State.BehindQuoted;

    /// <summary>Takes one more byte from a client. False if it does not belong there.</summary>
    internal bool Take(byte b)
    {
        bool isSpace = b is (byte)' ' or (byte)'\t';
        switch (_state)
        {
            case State.BehindSize or State.BehindValue:
                return isSpace || (b == ';' && Go(State.BeforeName));
            case State.BeforeName:
                return isSpace || (IsTokenByte(b) && Go(State.Name));
            case State.Name:
                return IsTokenByte(b) || (isSpace ? Go(State.BehindName) : EndsName(b));
            case State.BehindName:
                return isSpace || EndsName(b);
            case State.BeforeValue:
                return isSpace || (b == '"' ? Go(State.Quoted) : IsTokenByte(b) && Go(State.Value));
            case State.Value:
                return IsTokenByte(b) || EndsValue(b, isSpace);
            case State.Quoted:
                return b == '"' ? Go(State.BehindQuoted) : b == '\\' ? Go(State.Escaped) : IsText(b);
            case State.Escaped:
                return IsText(b) && Go(State.Quoted);
            default:
                return EndsValue(b, isSpace);
        }
    }

    /// <summary>
    /// Takes one more byte from a replica, whose extensions may be any text: white space behind the size, then any text behind a semicolon.
    /// </summary>
    internal bool TakeLoosely(byte b) =>
        _state != State.BehindSize ? IsText(b) : b is (byte)' ' or (byte)'\t' || (b == ';' && Go(State.BeforeName));

    /// <summary>Whether a byte can stand in a quoted string or a field's value.</summary>
    internal static bool IsText(byte b) => b is >= 0x20 and not 0x7F or (byte)'\t';

    private static bool IsTokenByte(byte b) => HeadScan.IsToken([b]);

    private bool EndsName(byte b) => b == '=' ? Go(State.BeforeValue) : b == ';' && Go(State.BeforeName);

    private bool EndsValue(byte b, bool isSpace) => isSpace ? Go(State.BehindValue) : b == ';' && Go(State.BeforeName);

    private bool Go(State state)
    {
        _state = state;
        return true;
    }
}
