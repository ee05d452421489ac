namespace Edge.Certificates;

/// <summary>The certificates that the machine believes. A container that is made from an empty image has none.</summary>
internal static class MachineRoots
{
    // Where distributions have them all in one file: Debian and Alpine, Fedora, openSUSE, and those that have OpenSSL's own place.
    private static readonly string[] s_files =
    [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
    ];

    /// <summary>A PEM text; null if the machine has none.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    internal static byte[]? Read() => Array.Find(s_files, File.Exists) is { } file ? File.ReadAllBytes(file) : null;

    /// <summary>Where they are looked for, for people.</summary>
    internal static string Places => string.Join(", ", s_files);
}
