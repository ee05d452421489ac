using System.Buffers;

namespace Edge.Io;

/// <summary>
/// TLS to a server, over another stream, for the tasks of the control plane: OpenSSL reads and writes memory, and this stream carries the records. One
/// reader and one writer at a time.
/// </summary>
internal sealed class TlsClientStream : Stream
{
    // A record with its header and what encryption adds (RFC 8446 §5.2).
    private const int RecordBytes = 16384 + 256 + 5;

    private readonly Stream _inner;
    private readonly TlsClientSession _session;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly byte[] _incoming = ArrayPool<byte>.Shared.Rent(RecordBytes);
    private readonly byte[] _outgoing = ArrayPool<byte>.Shared.Rent(RecordBytes);
    private bool _isDisposed;

    private TlsClientStream(Stream inner, TlsClientSession session) => (_inner, _session) = (inner, session);

    /// <summary>Shakes hands with the server, and verifies that it is who it was called (RFC 9525).</summary>
    /// <param name="inner">A connection to it. It belongs to the result, or is disposed of.</param>
    /// <param name="context">Whom to believe.</param>
    /// <param name="host">Its name, or its address.</param>
    /// <param name="cancellation">Ends the handshake.</param>
    /// <exception cref="IOException">The connection ended, or is none of TLS, or the certificate does not verify; the message says which.</exception>
    internal static async Task<TlsClientStream> ConnectAsync(Stream inner, TlsClientContext context, string host, CancellationToken cancellation)
    {
        TlsClientStream stream;
        try
        {
            stream = new TlsClientStream(inner, new TlsClientSession(context, host));
        }
        catch
        {
            await inner.DisposeAsync();
            throw;
        }

        try
        {
            while (!stream._session.Shake())
            {
                await stream.SendRecordsAsync(cancellation);
                if (!await stream.ReceiveAsync(cancellation))
                {
                    throw new TlsPeerException(TlsPeerFault.Handshake, $"{host} closed the connection during the TLS handshake");
                }
            }

            await stream.SendRecordsAsync(cancellation);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="IOException">The connection ended without close_notify (what came before may be cut), or the peer broke the protocol.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_session.Decrypt(buffer.Span) is { } got)
            {
                return got;
            }

            // Reading may have something to say: an answer to a change of keys.
            await SendRecordsAsync(cancellationToken);
            if (!await ReceiveAsync(cancellationToken))
            {
                throw new IOException("the connection was cut");
            }
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            buffer = buffer[_session.Encrypt(buffer.Span)..];
            await SendRecordsAsync(cancellationToken);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    // Nobody may block a thread for the network.
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Says the end to the peer, as far as that needs no waiting.</summary>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            _session.SayEnd();
            using var atOnce = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await SendRecordsAsync(atOnce.Token);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The peer has left: there is nobody to be told.
        }

        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        // Nothing reads or writes any more: who disposes of the stream has awaited that.
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            ArrayPool<byte>.Shared.Return(_incoming);
            ArrayPool<byte>.Shared.Return(_outgoing);
            _session.Dispose();
            _inner.Dispose();
            _sending.Dispose();
        }

        base.Dispose(disposing);
    }

    // False at the end of the connection.
    private async Task<bool> ReceiveAsync(CancellationToken cancellation)
    {
        int got = await _inner.ReadAsync(_incoming, cancellation);
        if (got > 0)
        {
            _session.Put(_incoming.AsSpan(0, got));
        }

        return got > 0;
    }

    // In order: two at a time would mix their records.
    private async Task SendRecordsAsync(CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation);
        try
        {
            while (_session.TakeRecords(_outgoing) is var length and > 0)
            {
                await _inner.WriteAsync(_outgoing.AsMemory(0, length), cancellation);
            }
        }
        finally
        {
            _sending.Release();
        }
    }
}
