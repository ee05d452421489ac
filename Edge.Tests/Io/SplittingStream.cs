namespace Edge.Tests.Io;

/// <summary>Hands bytes on in pieces of random sizes, in both directions: each boundary of records falls between two calls at some time.</summary>
internal sealed class SplittingStream(Stream inner, Random random) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, Piece(count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(buffer[..Piece(buffer.Length)], cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            int length = Piece(buffer.Length);
            await inner.WriteAsync(buffer[..length], cancellationToken);
            buffer = buffer[length..];
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    // Mostly small, sometimes all of it.
    private int Piece(int count)
    {
        lock (random)
        {
            return count == 0 ? 0 : random.Next(4) switch { 0 => random.Next(1, Math.Min(count, 6) + 1), 1 => random.Next(1, count + 1), _ => count };
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
