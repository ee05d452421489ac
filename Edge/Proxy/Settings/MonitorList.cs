using System.Text;
using Edge.Http;

namespace Edge.Proxy;

/// <summary>
/// Requests that neither wake a service nor keep it awake (Edge:Scale:Ignore). An item that begins with a slash is a path, as it is written; any other one
/// is a part of User-Agent, in any case of its letters. Immutable.
/// </summary>
internal sealed class MonitorList
{
    private readonly byte[][] _paths;
    private readonly byte[][] _agents;

    private MonitorList(string[] items)
    {
        _paths = [.. items.Where(item => item[0] == '/').Select(Encoding.ASCII.GetBytes)];
        _agents = [.. items.Where(item => item[0] != '/').Select(item => Encoding.ASCII.GetBytes(item.ToLowerInvariant()))];
    }

    /// <summary>The list of the options; null for none.</summary>
    internal static MonitorList? Of(string[] items) => items.Length == 0 ? null : new MonitorList(items);

    /// <summary>Whether a request is one of these.</summary>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">As it came.</param>
    /// <param name="target">Its target in origin form.</param>
    internal bool Have(ReadOnlySpan<byte> data, Head head, ReadOnlySpan<byte> target)
    {
        int query = target.IndexOf((byte)'?');
        ReadOnlySpan<byte> path = query < 0 ? target : target[..query];
        foreach (byte[] one in _paths)
        {
            if (path.SequenceEqual(one))
            {
                return true;
            }
        }

        return _agents.Length > 0 && IsAgent(data, head);
    }

    private bool IsAgent(ReadOnlySpan<byte> data, Head head)
    {
        foreach (ref readonly HeaderField field in head.Fields)
        {
            if (field.Known != KnownField.Other || !Ascii.EqualsIgnoreCase(field.Name(data), "user-agent"u8))
            {
                continue;
            }

            ReadOnlySpan<byte> agent = field.Value(data);
            foreach (byte[] one in _agents)
            {
                for (int at = 0; at + one.Length <= agent.Length; at++)
                {
                    if (Ascii.EqualsIgnoreCase(agent.Slice(at, one.Length), one))
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }
}
