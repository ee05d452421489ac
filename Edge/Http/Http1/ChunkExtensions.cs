namespace Edge.Http;

/// <summary>
/// Follows what stands behind a chunk's size, byte by byte: <c>*( BWS ";" BWS name [ BWS "=" BWS value ] )</c>, where a name is a token and a value a
/// token or a quoted string (RFC 9112 §7.1.1, RFC 9110 §5.6.4).
/// </summary>
internal struct ChunkExtensions
{
    private Place _place;

    private enum Place : byte
    {
        /// <summary>White space, which has to be followed by an extension.</summary>
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
    internal readonly bool MayEnd => _place is Place.Name or Place.Value or Place.BehindQuoted;

    /// <summary>Takes one more byte, of a client's; false where it does not belong there.</summary>
    internal bool Take(byte b)
    {
        bool isSpace = b is (byte)' ' or (byte)'\t';
        switch (_place)
        {
            case Place.BehindSize or Place.BehindValue:
                return isSpace || (b == ';' && Go(Place.BeforeName));
            case Place.BeforeName:
                return isSpace || (IsTokenByte(b) && Go(Place.Name));
            case Place.Name:
                return IsTokenByte(b) || (isSpace ? Go(Place.BehindName) : EndsName(b));
            case Place.BehindName:
                return isSpace || EndsName(b);
            case Place.BeforeValue:
                return isSpace || (b == '"' ? Go(Place.Quoted) : IsTokenByte(b) && Go(Place.Value));
            case Place.Value:
                return IsTokenByte(b) || EndsValue(b, isSpace);
            case Place.Quoted:
                return b == '"' ? Go(Place.BehindQuoted) : b == '\\' ? Go(Place.Escaped) : IsText(b);
            case Place.Escaped:
                return IsText(b) && Go(Place.Quoted);
            default:
                return EndsValue(b, isSpace);
        }
    }

    /// <summary>Takes one more byte, of a replica's: white space behind the size, then any text behind a semicolon.</summary>
    internal bool TakeLoosely(byte b) =>
        _place != Place.BehindSize ? IsText(b) : b is (byte)' ' or (byte)'\t' || (b == ';' && Go(Place.BeforeName));

    /// <summary>Whether a byte can stand in a quoted string or a field's value.</summary>
    internal static bool IsText(byte b) => b is >= 0x20 and not 0x7F or (byte)'\t';

    private static bool IsTokenByte(byte b) => HeadScan.IsToken([b]);

    private bool EndsName(byte b) => b == '=' ? Go(Place.BeforeValue) : b == ';' && Go(Place.BeforeName);

    private bool EndsValue(byte b, bool isSpace) => isSpace ? Go(Place.BehindValue) : b == ';' && Go(Place.BeforeName);

    private bool Go(Place place)
    {
        _place = place;
        return true;
    }
}
