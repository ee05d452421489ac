using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>
/// What all TLS sessions of one loop use together: one BIO, over whose <see cref="TlsWire"/> each session's bytes pass while it has its turn. So an idle
/// connection holds no buffer of ours. For the loop's thread alone.
/// </summary>
internal sealed unsafe class TlsEngine : IDisposable
{
    /// <summary>The most that one SSL_write makes of 16 KB, beside what a handshake sends; the area grows where a chain of certificates is longer.</summary>
    private const int FirstOutBytes = 32 * 1024;

    /// <summary>
    /// So many messages of the protocol itself may follow one another behind the handshake. Each change of keys (RFC 8446 §4.6.3) costs as much as a
    /// small request and takes 27 bytes, two of these messages if it is to be answered.
    /// </summary>
    private const int MessagesAtMost = 64;

    private static readonly nint s_method = MakeMethod();

    private readonly TlsWire* _wire = (TlsWire*)NativeMemory.AllocZeroed((nuint)sizeof(TlsWire));
    private readonly nint _bio;

    internal TlsEngine()
    {
        _wire->Out = (byte*)NativeMemory.Alloc(FirstOutBytes);
        _wire->OutCapacity = FirstOutBytes;
        _bio = TlsException.Check(OpenSsl.BIO_new(s_method), "BIO_new");
        OpenSsl.BIO_set_data(_bio, _wire);
        OpenSsl.BIO_set_init(_bio, 1);
    }

    /// <summary>What passes now.</summary>
    internal ref TlsWire Wire => ref *_wire;

    /// <summary>The records that a session has made, to be sent now; valid until the next step of any session.</summary>
    internal ReadOnlySpan<byte> TakeRecords()
    {
        var records = new ReadOnlySpan<byte>(_wire->Out, _wire->OutBytes);
        _wire->OutBytes = 0;
        return records;
    }

    /// <summary>Makes a session read and write here.</summary>
    internal void Attach(nint session)
    {
        // The session takes one reference for both directions, and gives it back when it is freed.
        OpenSsl.BIO_up_ref(_bio);
        OpenSsl.SSL_set_bio(session, _bio, _bio);
        OpenSsl.SSL_set_info_callback(session, (delegate* unmanaged[Cdecl]<nint, int, int, void>)&OnState);
    }

    public void Dispose()
    {
        OpenSsl.BIO_free(_bio);
        NativeMemory.Free(_wire->Out);
        NativeMemory.Free(_wire);
    }

    private static nint MakeMethod()
    {
        fixed (byte* name = "edge\0"u8)
        {
            nint method = TlsException.Check(OpenSsl.BIO_meth_new(OpenSsl.BIO_TYPE_SOURCE_SINK, name), "BIO_meth_new");
            OpenSsl.BIO_meth_set_read(method, (delegate* unmanaged[Cdecl]<nint, byte*, int, int>)&Read);
            OpenSsl.BIO_meth_set_write(method, (delegate* unmanaged[Cdecl]<nint, byte*, int, int>)&Write);
            OpenSsl.BIO_meth_set_ctrl(method, (delegate* unmanaged[Cdecl]<nint, int, nint, void*, nint>)&Control);
            return method;
        }
    }

    // SSL_CTX_set_info_callback(3ssl): once for each message of a handshake and of those behind it.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnState(nint session, int where, int result)
    {
        if ((where & OpenSsl.SSL_CB_LOOP) != 0)
        {
            ((TlsWire*)OpenSsl.BIO_get_data(OpenSsl.SSL_get_rbio(session)))->Messages++;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(nint bio, byte* to, int capacity)
    {
        var wire = (TlsWire*)OpenSsl.BIO_get_data(bio);
        OpenSsl.BIO_clear_flags(bio, OpenSsl.BIO_FLAGS_READ | OpenSsl.BIO_FLAGS_WRITE | OpenSsl.BIO_FLAGS_SHOULD_RETRY);
        if (wire->Messages > MessagesAtMost)
        {
            wire->IsBroken = true;
            return -1;
        }

        if (wire->IsReadable)
        {
            nint got = Libc.recv(wire->Fd, to, (nuint)capacity, 0);
            if (got > 0)
            {
                // As with plain connections: a short read has drained the socket, unless the end has been announced.
                wire->IsReadable = got == capacity || wire->IsFinished;
                return (int)got;
            }

            if (got == 0)
            {
                wire->IsFinished = true;
                return 0;
            }

            if (Libc.Errno is not (Libc.EAGAIN or Libc.EINTR))
            {
                wire->IsBroken = true;
                return -1;
            }

            wire->IsReadable = false;
        }

        OpenSsl.BIO_set_flags(bio, OpenSsl.BIO_FLAGS_READ | OpenSsl.BIO_FLAGS_SHOULD_RETRY);
        return -1;
    }

    // All of it is taken: what may be sent is limited before it is encrypted.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint bio, byte* from, int length)
    {
        var wire = (TlsWire*)OpenSsl.BIO_get_data(bio);
        OpenSsl.BIO_clear_flags(bio, OpenSsl.BIO_FLAGS_READ | OpenSsl.BIO_FLAGS_WRITE | OpenSsl.BIO_FLAGS_SHOULD_RETRY);
        if (wire->OutBytes + length > wire->OutCapacity)
        {
            wire->OutCapacity = Math.Max(wire->OutCapacity * 2, wire->OutBytes + length);
            wire->Out = (byte*)NativeMemory.Realloc(wire->Out, (nuint)wire->OutCapacity);
        }

        Buffer.MemoryCopy(from, wire->Out + wire->OutBytes, wire->OutCapacity - wire->OutBytes, length);
        wire->OutBytes += length;
        return length;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Control(nint bio, int command, nint number, void* pointer) => command == OpenSsl.BIO_CTRL_FLUSH ? 1 : 0;
}
