using Edge.Io;

namespace Edge.Telemetry;

/// <summary>The words for what TLS fails of, in the figures and in the access log.</summary>
internal static class TlsFailures
{
    internal const int Count = (int)TlsFailure.TooMany + 1;

    private static readonly string[] s_words =
    [
        "", "protocol", "plain_http", "version", "suite", "alpn", "name", "client_certificate", "refused", "closed", "timed_out", "too_many",
    ];

    internal static string Word(this TlsFailure failure) => s_words[(int)failure];
}
