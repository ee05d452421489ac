namespace Edge.Fleet;

/// <summary>Receives bytes from a connection; 0 is its end.</summary>
internal delegate ValueTask<int> Receive(Memory<byte> to, CancellationToken cancellation);
