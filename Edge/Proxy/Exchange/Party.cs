namespace Edge.Proxy;

/// <summary>Whose fault it is that a request can't be forwarded.</summary>
internal enum Party : byte
{
    Client,
    Replica,
    Edge,
}
