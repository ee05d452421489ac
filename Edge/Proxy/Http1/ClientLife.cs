namespace Edge.Proxy;

/// <summary>
/// Which state of a client connection may follow which. Each connection begins as <see cref="ClientState.Announcing"/>, and may be closed in any state.
/// </summary>
internal static class ClientLife
{
    internal static bool MayFollow(ClientState now, ClientState next) => (now, next) switch
    {
        // The client is known: by the PROXY header, or because none is expected.
        (ClientState.Announcing, ClientState.Handshaking or ClientState.Reading) => true,

        // The handshake is done, or has failed and the client is to read why.
        (ClientState.Handshaking, ClientState.Reading or ClientState.Ending) => true,

        // A request has come. Or the client is refused: for its number of connections, its time, or its request.
        (ClientState.Reading, ClientState.Forwarding or ClientState.Control or ClientState.Ending) => true,

        // The answer is out; what follows is the next request or the end.
        (ClientState.Forwarding or ClientState.Control, ClientState.Reading or ClientState.Ending) => true,

        _ => false,
    };
}
