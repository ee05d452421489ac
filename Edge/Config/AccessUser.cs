namespace Edge.Config;

/// <summary>A user who may ask a service, and how a password is found to be the user's (RFC 7617).</summary>
/// <param name="Name">In UTF-8, without a colon.</param>
/// <param name="Salt">What the hash begins with.</param>
/// <param name="Hash">SHA-256 of the salt and, behind it, the password in UTF-8.</param>
internal sealed record AccessUser(byte[] Name, byte[] Salt, byte[] Hash)
{
    /// <summary>The length of a salt.</summary>
    internal const int SaltBytes = 16;

    /// <summary>The length of a hash.</summary>
    internal const int HashBytes = 32;
}
