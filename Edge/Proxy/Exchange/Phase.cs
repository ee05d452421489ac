namespace Edge.Proxy;

/// <summary>How far an exchange has come.</summary>
internal enum Phase : byte
{
    Wait,
    Pick,
    Connect,
    SendRequest,
    ReadResponseHead,
    RelayResponse,
}
