using System.Text;

namespace Edge.Http;

/// <summary>What the Connection fields of a message say (RFC 9110 §7.6.1).</summary>
/// <param name="Close">The connection ends with this message.</param>
/// <param name="KeepAlive">The connection goes on; HTTP/1.0 has to say so.</param>
/// <param name="Nominates">Other fields are named. They belong to this hop only.</param>
/// <param name="Upgrade">The Upgrade field counts; without this option it is ignored (§7.8).</param>
internal readonly record struct ConnectionOptions(bool Close, bool KeepAlive, bool Nominates, bool Upgrade)
{
    internal static ConnectionOptions Of(ReadOnlySpan<byte> data, Head head)
    {
        bool close = false, keepAlive = false, nominates = false, upgrade = false;
        if (head.Has(KnownField.Connection))
        {
            foreach (ref readonly HeaderField field in head.Fields)
            {
                if (field.Known != KnownField.Connection)
                {
                    continue;
                }

                // Nearly always there is one option, and it is one of these.
                ReadOnlySpan<byte> rest = field.Value(data);
                if (rest.Length == "keep-alive".Length && KnownNames.Is(rest, "keep-alive"u8))
                {
                    keepAlive = true;
                    continue;
                }

                while (NextOption(ref rest, out ReadOnlySpan<byte> option))
                {
                    if (Ascii.EqualsIgnoreCase(option, "close"u8))
                    {
                        close = true;
                    }
                    else if (Ascii.EqualsIgnoreCase(option, "keep-alive"u8))
                    {
                        keepAlive = true;
                    }
                    else if (Ascii.EqualsIgnoreCase(option, "upgrade"u8))
                    {
                        upgrade = true;
                    }
                    else if (!Ascii.EqualsIgnoreCase(option, "te"u8))
                    {
                        // A message that has TE has to name it, and TE is written anew in any case.
                        nominates = true;
                    }
                }
            }
        }

        return new ConnectionOptions(close, keepAlive, nominates, upgrade);
    }

    /// <summary>Whether the connection outlives the message (RFC 9112 §9.3).</summary>
    internal bool Persists(int minorVersion) => !Close && (minorVersion > 0 || KeepAlive);

    /// <summary>
    /// Whether a Connection field of the message names this field. The fields that the balancer knows cannot be named: otherwise a client could
    /// remove the fields that frame the message, those that were added for the replica, or the Date that a response must have.
    /// </summary>
    internal static bool IsNominated(ReadOnlySpan<byte> data, Head head, in HeaderField candidate)
    {
        if (candidate.Known is not (KnownField.Other or KnownField.Trailer or KnownField.ProxyAuthorization or KnownField.Authenticate))
        {
            return false;
        }

        ReadOnlySpan<byte> name = candidate.Name(data);
        foreach (ref readonly HeaderField field in head.Fields)
        {
            if (field.Known != KnownField.Connection)
            {
                continue;
            }

            ReadOnlySpan<byte> rest = field.Value(data);
            while (NextOption(ref rest, out ReadOnlySpan<byte> option))
            {
                if (Ascii.EqualsIgnoreCase(option, name))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Takes the next member from a list (RFC 9110 §5.6.1) whose members have no quotes and no commas. Empty members are skipped.</summary>
    internal static bool NextOption(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> option)
    {
        while (!rest.IsEmpty)
        {
            int comma = rest.IndexOf((byte)',');
            option = (comma < 0 ? rest : rest[..comma]).Trim(" \t"u8);
            rest = comma < 0 ? [] : rest[(comma + 1)..];
            if (!option.IsEmpty)
            {
                return true;
            }
        }

        option = default;
        return false;
    }
}
