using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>OSSL_PARAM(3): a named value for an operation of OpenSSL; the last of an array has no key.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OsslParameter
{
    internal const uint Utf8String = 4;
    internal const uint OctetString = 5;

    internal byte* Key;
    internal uint Type;
    internal void* Data;
    internal nuint Bytes;
    internal nuint ReturnBytes;
}
