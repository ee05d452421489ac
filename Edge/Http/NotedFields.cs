namespace Edge.Http;

/// <summary>Finds the noted fields in a head, when they are needed: the parser does not look for them.</summary>
internal static class NotedFields
{
    internal const int Count = (int)NotedField.Referer + 1;

    /// <summary>Which noted field this is. Names are case-insensitive (RFC 9110 §5.1).</summary>
    internal static NotedField Of(ReadOnlySpan<byte> name) => name.Length switch
    {
        7 => Match(name, "referer"u8, NotedField.Referer),
        10 => (name[0] | 0x20) == 'u' ? Match(name, "user-agent"u8, NotedField.UserAgent) : Match(name, "tracestate"u8, NotedField.TraceState),
        11 => Match(name, "traceparent"u8, NotedField.TraceParent),
        12 => Match(name, "x-request-id"u8, NotedField.RequestId),
        _ => NotedField.None,
    };

    /// <summary>
    /// The value of each noted field, by its number. It is empty if the field is absent or occurs more than once; for <see
    /// cref="NotedField.RequestId"/> and the fields of traces also if Connection names it.
    /// </summary>
    /// <param name="data">Of the head.</param>
    /// <param name="head">As parsed from it.</param>
    /// <param name="values">Gets <see cref="Count"/> pieces.</param>
    internal static void Find(ReadOnlySpan<byte> data, Head head, Span<ByteRange> values)
    {
        values[..Count].Clear();
        int seen = 0;
        foreach (ref readonly HeaderField field in head.Fields)
        {
            if (field.Known != KnownField.Other || Of(field.Name(data)) is not (not NotedField.None and var noted))
            {
                continue;
            }

            // A field that Connection names ends here, so it cannot identify the request (RFC 9110 §7.6.1).
            if (noted <= NotedField.TraceState && head.Has(KnownField.Connection) && ConnectionOptions.IsNominated(data, head, field))
            {
                continue;
            }

            bool isFirst = (seen & 1 << (int)noted) == 0;
            seen |= 1 << (int)noted;
            values[(int)noted] = isFirst ? new ByteRange(field.ValueStart, field.ValueLength) : default;
        }
    }

    private static NotedField Match(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known, NotedField field) =>
        KnownNames.Is(name, known) ? field : NotedField.None;
}
