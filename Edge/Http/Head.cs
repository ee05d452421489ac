using Edge.Config;

namespace Edge.Http;

/// <summary>
/// The head of a request or response, as offsets into the bytes that it was parsed from; no strings. The object is used again: each parse overwrites
/// everything.
/// </summary>
internal sealed class Head
{
    private readonly HeaderField[] _fields = new HeaderField[Limits.HeaderFields];

    /// <summary>Bytes of the whole head, with empty lines before it and the empty line behind it.</summary>
    internal int Length { get; set; }

    /// <summary>The first byte of the start line. It is above 0 if empty lines came first.</summary>
    internal int Start { get; set; }

    /// <summary>1 for HTTP/1.1, 0 for HTTP/1.0.</summary>
    internal int MinorVersion { get; set; }

    internal Method Method { get; set; }

    internal int MethodLength { get; set; }

    internal int TargetStart { get; set; }

    internal int TargetLength { get; set; }

    /// <summary>The status code of a response, 100 to 599.</summary>
    internal int Status { get; set; }

    internal int ReasonStart { get; set; }

    internal int ReasonLength { get; set; }

    /// <summary>Why the parser refused the message.</summary>
    internal MessageError MessageError { get; set; }

    internal int FieldCount { get; private set; }

    internal ReadOnlySpan<HeaderField> Fields => _fields.AsSpan(0, FieldCount);

    /// <summary>Bit k is set if the known field with number k occurs.</summary>
    internal uint Occurring { get; private set; }

    private uint _repeated;

    internal bool Has(KnownField field) => (Occurring & 1u << (int)field) != 0;

    /// <summary>Whether the field occurs more than once.</summary>
    internal bool IsRepeated(KnownField field) => (_repeated & 1u << (int)field) != 0;

    internal void Clear()
    {
        Method = Method.Other;
        FieldCount = 0;
        Occurring = _repeated = 0;
        MessageError = MessageError.None;
    }

    /// <summary>False if there is no room for another field.</summary>
    internal bool TryAdd(int start, int nameLength, int valueStart, int valueLength, int end, KnownField known)
    {
        HeaderField[] fields = _fields;
        int count = FieldCount;
        if ((uint)count >= (uint)fields.Length)
        {
            return false;
        }

        fields[count] = new HeaderField(start, nameLength, valueStart, valueLength, end, known);
        FieldCount = count + 1;
        uint bit = 1u << (int)known;
        _repeated |= Occurring & bit;
        Occurring |= bit;
        return true;
    }

    /// <summary>Marks a field as one that does not go on. Whether its kind occurs is answered as before.</summary>
    internal void LeaveOut(int index) => _fields[index] = _fields[index] with { Known = KnownField.LeftOut };

    /// <summary>The field of this kind, the first one if there are several. False if there is none.</summary>
    internal bool TryGet(KnownField known, out HeaderField field)
    {
        if (Has(known))
        {
            foreach (ref readonly HeaderField candidate in Fields)
            {
                if (candidate.Known == known)
                {
                    field = candidate;
                    return true;
                }
            }
        }

        field = default;
        return false;
    }
}
