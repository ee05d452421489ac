using System.Text;
using Edge.Http;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>All that can change in a loop while it runs. Immutable: a message to the loop swaps it as one.</summary>
internal sealed class LoopSettings
{
    private readonly byte[][] _viaLines;

    internal LoopSettings(ProxySettings settings)
    {
        Timeouts = new Timeouts(settings);
        Retries = new Retries(settings.Retries);
        RetryPercent = settings.Retries.BudgetPercent;
        RetriesPerSecond = (double)settings.Retries.BudgetPerSecond / settings.Loops;
        Overload = settings.Overload;
        ConnectionsAtMost = settings.Overload.Connections == 0 ? int.MaxValue : (settings.Overload.Connections + settings.Loops - 1) / settings.Loops;
        PicksLessLoaded = settings.PickLessLoaded;
        EjectsOnStatus = settings.EjectsOnStatus;
        NameReplica = settings.NameReplica;
        FinishesAbandoned = settings.FinishAbandoned;
        LogFormat = settings.LogFormat;
        LogSample = settings.LogSample;
        RequestIds = settings.RequestIds;
        StartsTraces = settings.StartTraces;
        _viaLines = [.. "01".Select(minor => settings.Via is { } via ? Encoding.ASCII.GetBytes($"Via: 1.{minor} {via}\r\n") : [])];
        ViaToReplicas = settings.ViaToReplicas;
        RemovesUnderscores = settings.RemoveUnderscores;
        ConnectIsUnknown = settings.ConnectIsUnknown;
        TrustedProxies = new NetworkList(settings.TrustedProxies);
        ProxyProtocolFrom = new NetworkList(settings.ProxyProtocolFrom);
        ClientLimits = settings.ClientLimits;
    }

    internal Timeouts Timeouts { get; }

    internal Retries Retries { get; }

    internal int RetryPercent { get; }

    /// <summary>This loop's share.</summary>
    internal double RetriesPerSecond { get; }

    internal OverloadSettings Overload { get; }

    /// <summary>This loop's share.</summary>
    internal int ConnectionsAtMost { get; }

    internal bool PicksLessLoaded { get; }

    internal bool EjectsOnStatus { get; }

    internal bool NameReplica { get; }

    internal bool FinishesAbandoned { get; }

    internal AccessFormat LogFormat { get; }

    internal int LogSample { get; }

    internal RequestIdPolicy RequestIds { get; }

    internal bool StartsTraces { get; }

    internal bool ConnectIsUnknown { get; }

    /// <summary>The Via line of a message that came in HTTP/1.0 or 1.1, or empty.</summary>
    internal ReadOnlySpan<byte> ViaLine(int minorVersion) => _viaLines[minorVersion];

    /// <summary>Whether requests have it, too.</summary>
    internal bool ViaToReplicas { get; }

    /// <summary>Whether fields with an underscore in their names end here.</summary>
    internal bool RemovesUnderscores { get; }

    /// <summary>Whose X-Forwarded-* fields are believed.</summary>
    internal NetworkList TrustedProxies { get; }

    /// <summary>Whose connections begin with a header of the PROXY protocol.</summary>
    internal NetworkList ProxyProtocolFrom { get; }

    internal ClientLimits ClientLimits { get; }
}
