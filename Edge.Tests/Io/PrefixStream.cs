namespace Edge.Tests.Io;

/// <summary>Sends bytes before, and in one call with, the first that are written.</summary>
internal sealed class PrefixStream(Stream inner, byte[] prefix) : ReshapingStream(inner)
{
    private byte[] _prefix = prefix;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        byte[] joined = [.. _prefix, .. buffer.Span];
        _prefix = [];
        return Inner.WriteAsync(joined, cancellationToken);
    }
}
