namespace Edge.Proxy;

/// <summary>How far the exchange had come.</summary>
internal enum Phase : byte
{
    Wait,
    Pick,
    Connect,
    SendRequest,
    ReadResponseHead,
    RelayResponse,
}
