using System.Security.Cryptography;

namespace Edge.Io;

/// <summary>
/// Salted SHA-256 of passwords. It is fast, so that a loop can check a password between two requests; so it protects only passwords that nobody can guess
/// by trying: random ones.
/// </summary>
internal static class PasswordHash
{
    /// <summary>The longest password, in bytes.</summary>
    internal const int PasswordBytes = 512;

    private const int SaltBytesAtMost = 64;

    /// <summary>Random bytes for a new hash.</summary>
    internal static byte[] NewSalt(int bytes) => SecretBytes.New(bytes);

    /// <summary>The hash of a password. Allocates nothing.</summary>
    /// <param name="salt">At most 64 bytes.</param>
    /// <param name="password">At most <see cref="PasswordBytes"/>.</param>
    /// <param name="hash">Gets <see cref="Digest.Bytes"/> bytes.</param>
    internal static void Write(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> password, Span<byte> hash)
    {
        Span<byte> both = stackalloc byte[SaltBytesAtMost + PasswordBytes];
        salt.CopyTo(both);
        password.CopyTo(both[salt.Length..]);
        Digest.Write(both[..(salt.Length + password.Length)], hash);
        CryptographicOperations.ZeroMemory(both);
    }

    /// <summary>Whether a password has this hash. Takes as long for a wrong one as for the right one.</summary>
    internal static bool IsOf(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> hash)
    {
        Span<byte> given = stackalloc byte[Digest.Bytes];
        Write(salt, password, given);
        return CryptographicOperations.FixedTimeEquals(given, hash);
    }
}
