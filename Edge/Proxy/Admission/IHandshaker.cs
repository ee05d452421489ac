namespace Edge.Proxy;

/// <summary>A client's connection as the loop's handshakes see it.</summary>
internal interface IHandshaker
{
    /// <summary>It is this one's turn to go on with its handshake.</summary>
    void StepHandshake();

    /// <summary>Others have come, and this handshake is the oldest: it ends.</summary>
    void OnHandshakeGivenUp();
}
