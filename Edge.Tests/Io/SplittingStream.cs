namespace Edge.Tests.Io;

/// <summary>Hands bytes on in pieces of random sizes, in both directions: each boundary of records falls between two calls at some time.</summary>
internal sealed class SplittingStream(Stream inner, Random random) : ReshapingStream(inner)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Inner.ReadAsync(buffer[..Piece(buffer.Length)], cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            int length = Piece(buffer.Length);
            await Inner.WriteAsync(buffer[..length], cancellationToken);
            buffer = buffer[length..];
        }
    }

    // Mostly small, sometimes all of it.
    private int Piece(int count)
    {
        lock (random)
        {
            return count == 0 ? 0 : random.Next(4) switch { 0 => random.Next(1, Math.Min(count, 6) + 1), 1 => random.Next(1, count + 1), _ => count };
        }
    }
}
