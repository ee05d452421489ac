using System.Text;

namespace Edge.Routing;

/// <summary>
/// One application that requests are forwarded to: its name, and the hosts by which requests ask for it. Immutable; each loop has a queue, a
/// retry budget and a place in the round for each service.
/// </summary>
internal sealed class Service
{
    /// <summary>The one that gets every request that asks for no other.</summary>
    internal static readonly Service Default = new(0, "default");

    private readonly byte[][] _hosts;

    /// <param name="number">Its place among the services, from 0 on; the first gets what asks for no other.</param>
    /// <param name="name">For people.</param>
    /// <param name="hosts">Host names in ASCII, without a port, that ask for it.</param>
    internal Service(int number, string name, params string[] hosts)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfNotEqual(number == 0, hosts.Length == 0);
        Number = number;
        Name = name;
        _hosts = [.. hosts.Select(Encoding.ASCII.GetBytes)];
    }

    internal int Number { get; }

    internal string Name { get; }

    /// <summary>Whether a request for this host asks for it; upper and lower case are the same (RFC 9110 §4.2.3).</summary>
    internal bool Has(ReadOnlySpan<byte> host)
    {
        foreach (byte[] own in _hosts)
        {
            if (Ascii.EqualsIgnoreCase(own, host))
            {
                return true;
            }
        }

        return false;
    }

    public override string ToString() => Name;
}
