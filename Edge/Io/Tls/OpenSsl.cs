using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>
/// The functions and constants of OpenSSL that Edge uses, in the library's own spelling (man pages of section 3ssl, version 3.0). No other file
/// names the library, so that another one with the same interface can be linked in its place.
/// Calls that return at once and call nothing back skip the garbage collector's transition; those that read, write or shake hands must not, since they
/// call back into managed code.
/// </summary>
internal static unsafe partial class OpenSsl
{
    internal const int SSL_ERROR_NONE = 0;
    internal const int SSL_ERROR_SSL = 1;
    internal const int SSL_ERROR_WANT_READ = 2;
    internal const int SSL_ERROR_WANT_WRITE = 3;
    internal const int SSL_ERROR_SYSCALL = 5;
    internal const int SSL_ERROR_ZERO_RETURN = 6;

    internal const int TLS1_2_VERSION = 0x303;
    internal const int TLS1_3_VERSION = 0x304;

    internal const int SSL_CTRL_MODE = 33;
    internal const int SSL_CTRL_SET_READ_AHEAD = 41;
    internal const int SSL_CTRL_SET_SESS_CACHE_MODE = 44;
    internal const int SSL_CTRL_SET_TLSEXT_SERVERNAME_CB = 53;
    internal const int SSL_CTRL_SET_TLSEXT_SERVERNAME_ARG = 54;
    internal const int SSL_CTRL_CHAIN_CERT = 89;
    internal const int SSL_CTRL_SET_GROUPS_LIST = 92;
    internal const int SSL_CTRL_SET_MIN_PROTO_VERSION = 123;

    internal const int SSL_MODE_ENABLE_PARTIAL_WRITE = 1;
    internal const int SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 2;
    internal const int SSL_MODE_RELEASE_BUFFERS = 0x10;
    internal const int SSL_SESS_CACHE_OFF = 0;

    internal const ulong SSL_OP_NO_COMPRESSION = 1UL << 17;
    internal const ulong SSL_OP_CIPHER_SERVER_PREFERENCE = 1UL << 22;
    internal const ulong SSL_OP_PRIORITIZE_CHACHA = 1UL << 21;
    internal const ulong SSL_OP_NO_RENEGOTIATION = 1UL << 30;

    internal const int SSL_TLSEXT_ERR_OK = 0;
    internal const int SSL_TLSEXT_ERR_ALERT_FATAL = 2;
    internal const int SSL_TLSEXT_ERR_NOACK = 3;
    internal const int TLSEXT_NAMETYPE_host_name = 0;
    internal const uint TLSEXT_TYPE_server_name = 0;
    internal const uint TLSEXT_TYPE_application_layer_protocol_negotiation = 16;
    internal const int SSL_CLIENT_HELLO_SUCCESS = 1;
    internal const int SSL_AD_UNRECOGNIZED_NAME = 112;

    internal const int SSL_CTRL_SET_VERIFY_CERT_STORE = 106;
    internal const int SSL_CTRL_GET_CHAIN_CERTS = 115;
    internal const int SSL_VERIFY_PEER = 1;
    internal const int SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 2;
    internal const ulong X509_V_FLAG_PARTIAL_CHAIN = 0x80000;

    // RFC 4514's form: escaped in ASCII (1, 2, 4, 0x10), what is unknown in hexadecimal (0x100, 0x200, 1 << 24), the last part first, "," and "+".
    internal const ulong XN_FLAG_RFC2253 = 0x317 | 1UL << 16 | 1UL << 20 | 1UL << 24;

    internal const int OPENSSL_VERSION = 0;

    /// <summary>The index of SSL_CTX_set_ex_data(3ssl) that belongs to the application (SSL_CTX_set_app_data).</summary>
    internal const int ApplicationData = 0;

    internal const ulong OPENSSL_INIT_NO_LOAD_CONFIG = 0x80;

    internal const int SSL_CB_LOOP = 1;

    internal const int BIO_TYPE_SOURCE_SINK = 0x400;
    internal const int BIO_FLAGS_READ = 1;
    internal const int BIO_FLAGS_WRITE = 2;
    internal const int BIO_FLAGS_SHOULD_RETRY = 8;
    internal const int BIO_CTRL_FLUSH = 11;

    // ERR_REASON_MASK.
    private const ulong ReasonMask = 0x7FFFFF;

    // ERR_LIB_OFFSET, ERR_LIB_MASK.
    private const int LibraryShift = 23;
    private const ulong LibraryMask = 0xFF;

    private const string Ssl = "ssl";
    private const string Crypto = "crypto";

    [LibraryImport(Ssl)]
    internal static partial int OPENSSL_init_ssl(ulong options, nint settings);

    [LibraryImport(Ssl)]
    internal static partial nint TLS_server_method();

    [LibraryImport(Ssl)]
    internal static partial nint SSL_CTX_new(nint method);

    [LibraryImport(Ssl)]
    internal static partial void SSL_CTX_free(nint context);

    [LibraryImport(Ssl)]
    internal static partial nint SSL_CTX_ctrl(nint context, int command, nint number, void* pointer);

    [LibraryImport(Ssl)]
    internal static partial nint SSL_CTX_callback_ctrl(nint context, int command, void* callback);

    [LibraryImport(Ssl)]
    internal static partial ulong SSL_CTX_set_options(nint context, ulong options);

    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_CTX_set_cipher_list(nint context, string list);

    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_CTX_set_ciphersuites(nint context, string list);

    [LibraryImport(Ssl)]
    internal static partial int SSL_CTX_set_num_tickets(nint context, nuint tickets);

    [LibraryImport(Ssl)]
    internal static partial int SSL_CTX_set_session_id_context(nint context, byte* id, uint length);

    [LibraryImport(Ssl)]
    internal static partial int SSL_CTX_set_tlsext_ticket_key_evp_cb(nint context, void* callback);

    [LibraryImport(Ssl)]
    internal static partial void SSL_CTX_set_alpn_select_cb(nint context, void* callback, nint argument);

    [LibraryImport(Ssl)]
    internal static partial void SSL_CTX_set_client_hello_cb(nint context, void* callback, nint argument);

    [LibraryImport(Ssl)]
    internal static partial int SSL_client_hello_get0_ext(nint session, uint type, byte** content, nuint* length);

    [LibraryImport(Ssl)]
    internal static partial int SSL_CTX_use_certificate(nint context, nint certificate);

    [LibraryImport(Ssl)]
    internal static partial int SSL_CTX_use_PrivateKey(nint context, nint key);

    [LibraryImport(Ssl)]
    internal static partial int SSL_CTX_check_private_key(nint context);

    [LibraryImport(Ssl)]
    internal static partial nint SSL_CTX_get0_certificate(nint context);

    [LibraryImport(Ssl)]
    internal static partial nint SSL_CTX_get0_privatekey(nint context);

    [LibraryImport(Ssl)]
    internal static partial void SSL_CTX_set_verify(nint context, int mode, void* callback);

    [LibraryImport(Ssl)]
    internal static partial int SSL_CTX_set_ex_data(nint context, int index, nint data);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial nint SSL_CTX_get_ex_data(nint context, int index);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial nint SSL_get_SSL_CTX(nint session);

    [LibraryImport(Ssl)]
    internal static partial nint SSL_new(nint context);

    [LibraryImport(Ssl)]
    internal static partial void SSL_free(nint session);

    [LibraryImport(Ssl)]
    internal static partial void SSL_set_bio(nint session, nint read, nint write);

    [LibraryImport(Ssl)]
    internal static partial void SSL_set_accept_state(nint session);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial void SSL_set_info_callback(nint session, void* callback);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial nint SSL_get_rbio(nint session);

    [LibraryImport(Ssl)]
    internal static partial nint SSL_set_SSL_CTX(nint session, nint context);

    [LibraryImport(Ssl)]
    internal static partial nint SSL_ctrl(nint session, int command, nint number, void* pointer);

    [LibraryImport(Ssl)]
    internal static partial void SSL_set_client_CA_list(nint session, nint names);

    [LibraryImport(Ssl)]
    internal static partial nint SSL_dup_CA_list(nint names);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial nint SSL_get0_peer_certificate(nint session);

    [LibraryImport(Ssl)]
    internal static partial int SSL_do_handshake(nint session);

    [LibraryImport(Ssl)]
    internal static partial int SSL_read(nint session, byte* to, int capacity);

    [LibraryImport(Ssl)]
    internal static partial int SSL_write(nint session, byte* from, int length);

    [LibraryImport(Ssl)]
    internal static partial int SSL_shutdown(nint session);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial int SSL_has_pending(nint session);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial int SSL_get_error(nint session, int result);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial int SSL_version(nint session);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial int SSL_session_reused(nint session);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial nint SSL_get_current_cipher(nint session);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial byte* SSL_CIPHER_standard_name(nint cipher);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial byte* SSL_get_servername(nint session, int type);

    [LibraryImport(Ssl), SuppressGCTransition]
    internal static partial void SSL_get0_alpn_selected(nint session, byte** name, uint* length);

    [LibraryImport(Crypto)]
    internal static partial nint BIO_meth_new(int type, byte* name);

    [LibraryImport(Crypto)]
    internal static partial int BIO_meth_set_read(nint method, void* callback);

    [LibraryImport(Crypto)]
    internal static partial int BIO_meth_set_write(nint method, void* callback);

    [LibraryImport(Crypto)]
    internal static partial int BIO_meth_set_ctrl(nint method, void* callback);

    [LibraryImport(Crypto)]
    internal static partial nint BIO_new(nint method);

    [LibraryImport(Crypto)]
    internal static partial nint BIO_new_mem_buf(byte* bytes, int length);

    [LibraryImport(Crypto)]
    internal static partial int BIO_free(nint bio);

    [LibraryImport(Crypto)]
    internal static partial int BIO_up_ref(nint bio);

    [LibraryImport(Crypto), SuppressGCTransition]
    internal static partial void BIO_set_data(nint bio, void* data);

    [LibraryImport(Crypto), SuppressGCTransition]
    internal static partial void* BIO_get_data(nint bio);

    [LibraryImport(Crypto), SuppressGCTransition]
    internal static partial void BIO_set_init(nint bio, int isReady);

    [LibraryImport(Crypto), SuppressGCTransition]
    internal static partial void BIO_set_flags(nint bio, int flags);

    [LibraryImport(Crypto), SuppressGCTransition]
    internal static partial void BIO_clear_flags(nint bio, int flags);

    [LibraryImport(Crypto)]
    internal static partial nint PEM_read_bio_X509(nint bio, nint* into, void* password, void* argument);

    [LibraryImport(Crypto)]
    internal static partial nint PEM_read_bio_PrivateKey(nint bio, nint* into, void* password, void* argument);

    [LibraryImport(Crypto)]
    internal static partial nint BIO_s_mem();

    [LibraryImport(Crypto)]
    internal static partial int BIO_read(nint bio, byte* to, int capacity);

    [LibraryImport(Crypto)]
    internal static partial nint X509_get_subject_name(nint certificate);

    [LibraryImport(Crypto)]
    internal static partial nint X509_NAME_dup(nint name);

    [LibraryImport(Crypto)]
    internal static partial void X509_NAME_free(nint name);

    [LibraryImport(Crypto)]
    internal static partial int X509_NAME_print_ex(nint bio, nint name, int indent, ulong flags);

    [LibraryImport(Crypto)]
    internal static partial nint X509_STORE_new();

    [LibraryImport(Crypto)]
    internal static partial void X509_STORE_free(nint store);

    [LibraryImport(Crypto)]
    internal static partial int X509_STORE_add_cert(nint store, nint certificate);

    [LibraryImport(Crypto)]
    internal static partial int X509_STORE_set_flags(nint store, ulong flags);

    [LibraryImport(Crypto)]
    internal static partial nint OPENSSL_sk_new_null();

    [LibraryImport(Crypto)]
    internal static partial int OPENSSL_sk_push(nint stack, nint item);

    [LibraryImport(Crypto)]
    internal static partial int OPENSSL_sk_num(nint stack);

    [LibraryImport(Crypto)]
    internal static partial nint OPENSSL_sk_value(nint stack, int index);

    [LibraryImport(Crypto)]
    internal static partial void OPENSSL_sk_free(nint stack);

    [LibraryImport(Crypto)]
    internal static partial nint EVP_sha256();

    [LibraryImport(Crypto)]
    internal static partial int EVP_Digest(byte* bytes, nuint length, byte* to, uint* written, nint type, nint engine);

    [LibraryImport(Crypto)]
    internal static partial void X509_free(nint certificate);

    [LibraryImport(Crypto)]
    internal static partial int i2d_X509(nint certificate, byte** to);

    [LibraryImport(Crypto)]
    internal static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Crypto)]
    internal static partial int RAND_bytes(byte* to, int length);

    [LibraryImport(Crypto)]
    internal static partial nint EVP_aes_256_cbc();

    [LibraryImport(Crypto)]
    internal static partial int EVP_EncryptInit_ex(nint context, nint cipher, nint engine, byte* key, byte* iv);

    [LibraryImport(Crypto)]
    internal static partial int EVP_DecryptInit_ex(nint context, nint cipher, nint engine, byte* key, byte* iv);

    [LibraryImport(Crypto)]
    internal static partial int EVP_MAC_CTX_set_params(nint context, OsslParameter* parameters);

    [LibraryImport(Crypto)]
    internal static partial ulong ERR_get_error();

    [LibraryImport(Crypto), SuppressGCTransition]
    internal static partial ulong ERR_peek_error();

    [LibraryImport(Crypto), SuppressGCTransition]
    internal static partial ulong ERR_peek_last_error();

    [LibraryImport(Crypto)]
    internal static partial void ERR_clear_error();

    [LibraryImport(Crypto)]
    internal static partial void ERR_error_string_n(ulong error, byte* to, nuint capacity);

    [LibraryImport(Crypto)]
    internal static partial byte* OpenSSL_version(int what);

    /// <summary>The library's name and version, as <c>OpenSSL 3.0.19 27 Jan 2026</c>.</summary>
    internal static string Version => Marshal.PtrToStringUTF8((nint)OpenSSL_version(OPENSSL_VERSION))!;

    /// <summary>The reason of the thread's first error (ERR_GET_REASON(3ssl)), 0 for none; no error is left.</summary>
    internal static int TakeReason()
    {
        ulong error = ERR_get_error();
        ERR_clear_error();
        return (int)(error & ReasonMask);
    }

    /// <summary>Whether an error is that a PEM text has no further item: library 9 (ERR_LIB_PEM), reason 108 (PEM_R_NO_START_LINE).</summary>
    internal static bool IsEndOfText(ulong error) => (error >> LibraryShift & LibraryMask) == 9 && (error & ReasonMask) == 108;

    /// <summary>Which kind of failure a reason of the SSL part is (SSL_R_*, sslerr.h); alerts of the peer are 1000 and their number.</summary>
    internal static TlsFailure FailureOf(int reason) => reason switch
    {
        155 or 156 => TlsFailure.PlainHttp, // HTTPS_PROXY_REQUEST, HTTP_REQUEST
        258 or 396 or 267 or 191 => TlsFailure.Version, // UNSUPPORTED_PROTOCOL, VERSION_TOO_LOW, WRONG_VERSION_NUMBER, NO_PROTOCOLS_AVAILABLE
        // NO_SHARED_CIPHER, NO_SUITABLE_SIGNATURE_ALGORITHM, _KEY_SHARE, NO_SHARED_GROUPS, NO_SUITABLE_GROUPS
        193 or 118 or 101 or 410 or 295 => TlsFailure.Suite,
        235 => TlsFailure.Alpn, // NO_APPLICATION_PROTOCOL
        234 => TlsFailure.Name, // CALLBACK_FAILED
        199 or 134 => TlsFailure.ClientCertificate, // PEER_DID_NOT_RETURN_A_CERTIFICATE, CERTIFICATE_VERIFY_FAILED
        >= 1000 and < 1256 => TlsFailure.Refused,
        _ => TlsFailure.Protocol,
    };
}
