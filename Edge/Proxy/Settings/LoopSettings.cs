using System.Globalization;
using System.Text;
using Edge.Config;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>
/// The options of the process in the form that a loop uses, all those that can change while it runs: milliseconds, finished lines, and its share of
/// limits for all loops. Immutable: a message to the loop swaps it as one. It has no defaults of its own.
/// </summary>
internal sealed class LoopSettings
{
    private readonly byte[][] _viaLines;
    private readonly bool _hasViaToReplicas;
    private readonly byte[] _strictTransportLine;

    /// <param name="options">The options; they do not change any more.</param>
    /// <param name="loops">How many loops there are.</param>
    internal LoopSettings(EdgeOptions options, int loops)
    {
        Timeouts = new Timeouts(options);
        ConnectionsAtMost = options.Overload.Connections == 0 ? int.MaxValue : (options.Overload.Connections + loops - 1) / loops;
        HandshakesAtMost = Math.Max(1, options.Overload.Handshakes / loops);
        ForwardingOptions forwarding = options.Forwarding;
        LogFormat = options.AccessLog.Format;
        LogSample = options.AccessLog.Sample;
        RequestIds = forwarding.RequestId;
        StartsTraces = forwarding.StartTraces;
        MakesIdentities = StartsTraces || RequestIds != RequestIdRule.Pass;
        _viaLines = [.. "01".Select(minor => forwarding.Via.Length == 0 ? [] : Encoding.ASCII.GetBytes($"Via: 1.{minor} {forwarding.Via}\r\n"))];
        _hasViaToReplicas = forwarding.ViaToReplicas;
        RemovesUnderscores = forwarding.Underscores == UnderscoreRule.Remove;
        ConnectIsUnknown = forwarding.ConnectStatus == 501;
        TrustedProxies = new NetworkList(forwarding.TrustedNetworks());
        ProxyProtocolFrom = new NetworkList(options.ProxyProtocol.Networks());
        RedirectPort = options.Tls.RedirectPort();
        _strictTransportLine = options.Tls.Hsts == TimeSpan.Zero ? [] : Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"Strict-Transport-Security: max-age={(long)options.Tls.Hsts.TotalSeconds}{(options.Tls.HstsSubdomains ? "; includeSubDomains" : "")}\r\n"));
        ClientLimits = new ClientLimits(options.Limits, options.Timeouts);
    }

    internal Timeouts Timeouts { get; }

    /// <summary>This loop's share.</summary>
    internal int ConnectionsAtMost { get; }

    /// <summary>TLS handshakes under way; this loop's share.</summary>
    internal int HandshakesAtMost { get; }

    internal AccessLogFormat LogFormat { get; }

    internal int LogSample { get; }

    internal RequestIdRule RequestIds { get; }

    internal bool StartsTraces { get; }

    /// <summary>Whether requests may get an id or a trace; the two properties before say which.</summary>
    internal bool MakesIdentities { get; }

    /// <summary>Whether CONNECT gets 501, as an unknown method, instead of 405 (RFC 9110 §9.1).</summary>
    internal bool ConnectIsUnknown { get; }

    /// <summary>The Via line (RFC 9110 §7.6.3) of a message that came in HTTP/1.0 or 1.1, or empty.</summary>
    internal ReadOnlySpan<byte> ViaLine(int minorVersion) => _viaLines[minorVersion];

    /// <summary>The same for a request; empty if requests have none.</summary>
    internal ReadOnlySpan<byte> ViaToReplicas(int minorVersion) => _hasViaToReplicas ? ViaLine(minorVersion) : default;

    /// <summary>Whether fields with an underscore in their names end here.</summary>
    internal bool RemovesUnderscores { get; }

    /// <summary>Peers whose X-Forwarded-* fields are trusted.</summary>
    internal NetworkList TrustedProxies { get; }

    /// <summary>Peers whose connections begin with a header of the PROXY protocol.</summary>
    internal NetworkList ProxyProtocolFrom { get; }

    /// <summary>See <see cref="TlsOptions.RedirectPort"/>.</summary>
    internal int? RedirectPort { get; }

    /// <summary>The line Strict-Transport-Security of responses over TLS; empty for none.</summary>
    internal ReadOnlySpan<byte> StrictTransportLine => _strictTransportLine;

    internal ClientLimits ClientLimits { get; }
}
