using System.Numerics;
using Edge.Config;
using Edge.Http;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// The cookie by which a client's requests go to the replica that has answered it before (RFC 6265). Its value is a number for the names of service and
/// replica: the balancer keeps nothing of it, and a value means the same to each process. It is the wish of a client, and no more: what replicas
/// are not in rotation is not looked for. Touched by one loop's thread, because it writes to an array of its own; nothing here allocates for a request.
/// </summary>
internal sealed class StickyCookie(Service service)
{
    private const int Digits = 16;

    private readonly ulong _service = BitOperations.RotateLeft(NameHash.Of(service.Name), 32);
    private byte[] _lines = [];

    private static ReadOnlySpan<byte> Name => "edge_sticky="u8;

    /// <summary>The replica that a request asks for; null where it asks for none that is in rotation.</summary>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">Of the request.</param>
    /// <param name="table">The replicas in rotation.</param>
    internal Replica? Find(ReadOnlySpan<byte> data, Head head, ReplicaTable table)
    {
        // Services on one host, with paths within each other, may each have set one. More than a few are no browser's.
        int left = Limits.StickyCookies;
        foreach (ref readonly HeaderField field in head.Fields)
        {
            if (field.Known != KnownField.Other || field.NameLength != "cookie".Length || !KnownNames.Is(field.Name(data), "cookie"u8))
            {
                continue;
            }

            ReadOnlySpan<byte> rest = field.Value(data);
            while (left > 0 && Next(ref rest, out ulong value))
            {
                left--;
                if (Find(value, table) is { } replica)
                {
                    return replica;
                }
            }
        }

        return null;
    }

    /// <summary>Whole lines for an answer: the one that names its replica, and the cookie. Valid until the next call.</summary>
    /// <param name="replica">That answers.</param>
    /// <param name="namesReplica">Whether the first of these is wanted.</param>
    /// <param name="wished">The replica that the client asked for; if that is the one that answers, the client has the cookie. Null for none.</param>
    /// <param name="path">That of the route; empty for every path.</param>
    /// <param name="isSecure">Whether the client came by https.</param>
    internal ReadOnlySpan<byte> Lines(Replica replica, bool namesReplica, Replica? wished, ReadOnlySpan<byte> path, bool isSecure)
    {
        ReadOnlySpan<byte> named = namesReplica ? replica.HeaderLine : default;
        if (replica == wished)
        {
            return named;
        }

        int room = named.Length + path.Length + 128;
        if (_lines.Length < room)
        {
            _lines = new byte[room];
        }

        var writer = new ByteWriter(_lines);
        writer.Add(named);
        writer.Add("Set-Cookie: "u8);
        writer.Add(Name);
        ulong value = ValueOf(replica);
        for (int shift = 4 * (Digits - 1); shift >= 0; shift -= 4)
        {
            writer.Add("0123456789abcdef"u8[(int)(value >> shift) & 15]);
        }

        writer.Add("; Path="u8);
        writer.Add(path.IsEmpty ? "/"u8 : path);
        writer.Add(isSecure ? "; HttpOnly; SameSite=Lax; Secure\r\n"u8 : "; HttpOnly; SameSite=Lax\r\n"u8);
        return _lines.AsSpan(0, writer.Length);
    }

    private ulong ValueOf(Replica replica) => replica.NameHash ^ _service;

    private Replica? Find(ulong value, ReplicaTable table)
    {
        foreach (Replica replica in table.Replicas)
        {
            if (ValueOf(replica) == value)
            {
                return replica;
            }
        }

        return null;
    }

    // The next cookie of this name in a field (RFC 6265 §4.2.1), with a value of the right form. False at the end.
    private static bool Next(ref ReadOnlySpan<byte> rest, out ulong value)
    {
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)';');
            ReadOnlySpan<byte> pair = (end < 0 ? rest : rest[..end]).Trim(" \t"u8);
            rest = end < 0 ? default : rest[(end + 1)..];
            if (pair.Length == Name.Length + Digits && pair.StartsWith(Name) && TryRead(pair[Name.Length..], out value))
            {
                return true;
            }
        }

        value = 0;
        return false;
    }

    // As it was set: in lower case.
    private static bool TryRead(ReadOnlySpan<byte> digits, out ulong value)
    {
        value = 0;
        foreach (byte digit in digits)
        {
            int four = "0123456789abcdef"u8.IndexOf(digit);
            if (four < 0)
            {
                return false;
            }

            value = (value << 4) | (uint)four;
        }

        return true;
    }
}
