using System.Text;
using Edge.Http;

namespace Edge.Proxy;

/// <summary>The scheme by which a request came from its client, as far as the balancer knows.</summary>
internal static class ClientScheme
{
    /// <summary>Whether it is https: that of the connection, if a trusted proxy does not say otherwise.</summary>
    /// <param name="client">Whose request.</param>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">As it came.</param>
    /// <param name="facts">As derived from the head.</param>
    internal static bool IsHttps(ClientStream client, ReadOnlySpan<byte> data, Head head, in RequestFacts facts)
    {
        if (!client.IsTrusted)
        {
            return client.IsTls;
        }

        if (facts.IsAbsolute && head.TargetLength > "https:".Length
            && Ascii.EqualsIgnoreCase(data.Slice(head.TargetStart, "https:".Length), "https:"u8))
        {
            return true;
        }

        if (!head.TryGet(KnownField.ForwardedProto, out HeaderField field))
        {
            return client.IsTls;
        }

        // Several proxies may have written several schemes: the first is what the client spoke.
        ReadOnlySpan<byte> schemes = field.Value(data);
        int comma = schemes.IndexOf((byte)',');
        ReadOnlySpan<byte> scheme = (comma < 0 ? schemes : schemes[..comma]).Trim(" \t"u8);
        return Ascii.EqualsIgnoreCase(scheme, "https"u8) || (client.IsTls && !Ascii.EqualsIgnoreCase(scheme, "http"u8));
    }
}
