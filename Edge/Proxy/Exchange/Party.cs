namespace Edge.Proxy;

/// <summary>Who caused a failure.</summary>
internal enum Party : byte
{
    Client,
    Replica,
    Edge,
}
