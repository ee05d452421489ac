using System.Text;

namespace Edge.Http;

/// <summary>
/// Fields that every final response of a service carries, and fields that none of a replica carries, as options say. A field that is set takes the place
/// of the replica's own ones with that name. Immutable; nothing here allocates for a response.
/// </summary>
internal sealed class FixedFields
{
    private readonly (string Name, byte[] Line)[] _set;
    private readonly byte[][] _leftOut;
    private readonly byte[] _lines;

    /// <param name="set">Names and values, sound and of no hop.</param>
    /// <param name="removed">Names, of no hop.</param>
    internal FixedFields(IReadOnlyList<(string Name, string Value)> set, IReadOnlyList<string> removed)
    {
        _set = [.. set.Select(field => (field.Name, Encoding.ASCII.GetBytes($"{field.Name}: {field.Value}\r\n")))];
        _lines = [.. _set.SelectMany(field => field.Line)];
        _leftOut = [.. set.Select(field => field.Name).Concat(removed).Distinct(StringComparer.OrdinalIgnoreCase).Select(Encoding.ASCII.GetBytes)];
        SetsStrictTransport = set.Any(field => field.Name.Equals("Strict-Transport-Security", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The whole lines of what is set.</summary>
    internal ReadOnlySpan<byte> Lines => _lines;

    /// <summary>Whether Strict-Transport-Security is among them: a client takes the first of two (RFC 6797 §8.1).</summary>
    internal bool SetsStrictTransport { get; }

    /// <summary>Marks the fields of a replica's head that do not go to the client.</summary>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">Of a response. What was read from its fields before stays true.</param>
    internal void LeaveOut(ReadOnlySpan<byte> data, Head head)
    {
        for (int i = 0; i < head.FieldCount; i++)
        {
            ReadOnlySpan<byte> name = head.Fields[i].Name(data);
            foreach (byte[] leftOut in _leftOut)
            {
                if (Ascii.EqualsIgnoreCase(name, leftOut))
                {
                    head.LeaveOut(i);
                    break;
                }
            }
        }
    }

    /// <summary>
    /// Writes what is set into an answer of the balancer's own, but for fields that the answer has itself: these say what it is.
    /// </summary>
    /// <param name="writer">Has room for <see cref="Lines"/>.</param>
    /// <param name="own">The answer's fields.</param>
    internal void Write(ref ByteWriter writer, IReadOnlyList<KeyValuePair<string, string>> own)
    {
        foreach ((string name, byte[] line) in _set)
        {
            bool isOwn = false;
            for (int i = 0; i < own.Count; i++)
            {
                isOwn |= own[i].Key.Equals(name, StringComparison.OrdinalIgnoreCase);
            }

            if (!isOwn)
            {
                writer.Add(line);
            }
        }
    }
}
