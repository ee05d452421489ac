using System.Diagnostics;

namespace Edge.Proxy;

internal sealed partial class ClientConnection
{
    private ClientState _state;

    private void Become(ClientState next)
    {
        Debug.Assert(!Closed && ClientLife.MayFollow(_state, next), $"{_state} may not become {next}");
        _state = next;
    }
}
