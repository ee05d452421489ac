namespace Edge.Http;

/// <summary>What is allowed on a connection, beside what every request must keep to.</summary>
/// <param name="PeerIsTrusted">The peer is a proxy that speaks for others: it may have ended the TLS of an https request.</param>
/// <param name="ConnectIsUnknown">CONNECT is answered as a method that nobody here knows (501), else as one that is not allowed (405).</param>
internal readonly record struct RequestRules(bool PeerIsTrusted, bool ConnectIsUnknown);
