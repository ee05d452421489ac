using Edge.Io;

namespace Edge.Certificates;

/// <summary>An order that is under way. It is kept until its certificate is there, so that a process that starts anew goes on with it.</summary>
/// <param name="Address">Where the authority has it.</param>
/// <param name="Key">The key that its certificate will have.</param>
internal sealed record PendingOrder(Uri Address, SigningKey Key) : IDisposable
{
    public void Dispose() => Key.Dispose();
}
