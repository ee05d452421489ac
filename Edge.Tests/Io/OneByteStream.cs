namespace Edge.Tests.Io;

/// <summary>Writes each byte in a call of its own.</summary>
internal sealed class OneByteStream(Stream inner) : ReshapingStream(inner)
{
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (int i = 0; i < buffer.Length; i++)
        {
            await Inner.WriteAsync(buffer.Slice(i, 1), cancellationToken);
        }
    }
}
