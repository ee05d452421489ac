namespace Edge.Config;

/// <summary>What a client gets to see that asks for a name without a certificate, or for none.</summary>
internal enum UnknownNamesRule
{
    /// <summary>The first certificate.</summary>
    Default,

    /// <summary>The alert unrecognized_name (RFC 6066 §3).</summary>
    Refuse,
}
