using System.Runtime.InteropServices;

namespace Edge.Io;

// The side of the client: which peers it believes, and sessions over memory.
internal static unsafe partial class OpenSsl
{
    internal const int SSL_VERIFY_NONE = 0;
    internal const int SSL_CTRL_SET_TLSEXT_HOSTNAME = 55;
    internal const uint X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS = 4;
    internal const nint X509_V_OK = 0;
    internal const int SSL_SENT_SHUTDOWN = 1;
    internal const int SSL_RECEIVED_SHUTDOWN = 2;

    [LibraryImport(Ssl)]
    internal static partial nint TLS_client_method();

    [LibraryImport(Ssl)]
    internal static partial void SSL_set_verify(nint session, int mode, void* callback);

    [LibraryImport(Ssl)]
    internal static partial nint SSL_CTX_get_cert_store(nint context);

    [LibraryImport(Ssl)]
    internal static partial void SSL_set_connect_state(nint session);

    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_set1_host(nint session, string name);

    [LibraryImport(Ssl)]
    internal static partial void SSL_set_hostflags(nint session, uint flags);

    [LibraryImport(Ssl)]
    internal static partial nint SSL_get0_param(nint session);

    [LibraryImport(Crypto, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int X509_VERIFY_PARAM_set1_ip_asc(nint parameters, string address);

    [LibraryImport(Ssl)]
    internal static partial int SSL_set_alpn_protos(nint session, byte* protocols, uint length);

    [LibraryImport(Ssl)]
    internal static partial nint SSL_get_verify_result(nint session);

    [LibraryImport(Ssl)]
    internal static partial nint SSL_get1_session(nint session);

    [LibraryImport(Ssl)]
    internal static partial int SSL_set_session(nint session, nint resumption);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial int SSL_SESSION_is_resumable(nint resumption);

    [LibraryImport(Ssl)]
    internal static partial void SSL_SESSION_free(nint resumption);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial void SSL_set_shutdown(nint session, int mode);

    [LibraryImport(Crypto)]
    internal static partial byte* X509_verify_cert_error_string(nint result);

    [LibraryImport(Crypto)]
    internal static partial int BIO_write(nint bio, byte* from, int length);
}
