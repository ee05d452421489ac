using System.Text;

namespace Edge.Http;

/// <summary>Which kind of answer a client wants to have (Accept, RFC 9110 §12.5.1).</summary>
internal static class AcceptedTypes
{
    /// <summary>Whether the client names text/html, as browsers do for a page, and does not refuse it (q=0). That it takes anything says nothing.</summary>
    internal static bool NameHtml(ReadOnlySpan<byte> data, Head head)
    {
        foreach (ref readonly HeaderField field in head.Fields)
        {
            if (field.Known != KnownField.Other || !Ascii.EqualsIgnoreCase(field.Name(data), "accept"u8))
            {
                continue;
            }

            ReadOnlySpan<byte> rest = field.Value(data);
            while (!rest.IsEmpty)
            {
                int comma = rest.IndexOf((byte)',');
                ReadOnlySpan<byte> item = comma < 0 ? rest : rest[..comma];
                rest = comma < 0 ? default : rest[(comma + 1)..];
                int semicolon = item.IndexOf((byte)';');
                ReadOnlySpan<byte> type = (semicolon < 0 ? item : item[..semicolon]).Trim(" \t"u8);
                if (Ascii.EqualsIgnoreCase(type, "text/html"u8) && !(semicolon >= 0 && IsRefused(item[semicolon..])))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // A weight of 0, 0.0, 0.00 or 0.000 (§12.4.2).
    private static bool IsRefused(ReadOnlySpan<byte> parameters)
    {
        while (!parameters.IsEmpty)
        {
            parameters = parameters[1..];
            int semicolon = parameters.IndexOf((byte)';');
            ReadOnlySpan<byte> one = (semicolon < 0 ? parameters : parameters[..semicolon]).Trim(" \t"u8);
            parameters = semicolon < 0 ? default : parameters[semicolon..];
            if (one.Length > 2 && (one[0] | 0x20) == 'q' && one[1] == '=')
            {
                return !one[2..].ContainsAnyExcept("0."u8);
            }
        }

        return false;
    }
}
