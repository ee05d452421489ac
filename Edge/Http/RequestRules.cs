namespace Edge.Http;

/// <summary>What is allowed on a connection, in addition to the rules for every request.</summary>
/// <param name="MayBeHttps">The connection is TLS, or its peer is a trusted proxy that may have ended the TLS of an https request.</param>
/// <param name="ConnectIsUnknown">CONNECT is answered as an unknown method (501); otherwise as one that is not allowed (405).</param>
internal readonly record struct RequestRules(bool MayBeHttps, bool ConnectIsUnknown);
