using System.Formats.Asn1;
using System.Security.Cryptography;
using Edge.Config;
using Edge.Io;

namespace Edge.Certificates;

/// <summary>
/// One certificate in files, read anew when they are others than before. If the new ones cannot be used, the certificate that was read before stays.
/// For one thread at a time.
/// </summary>
/// <param name="pair">Its files.</param>
internal sealed class CertificateFile(CertificatePair pair)
{
    private (FileIdentity? File, FileIdentity? Key)? _read;
    private (FileIdentity? File, FileIdentity? Key)? _seen;
    private string? _lookError;
    private string? _readError;

    internal CertificatePair Pair => pair;

    /// <summary>What was read last and can be used; null if nothing was.</summary>
    internal TlsCertificate? Certificate { get; private set; }

    /// <summary>Why what is in the files now is not shown; null if it is.</summary>
    internal string? Error => _lookError ?? _readError;

    /// <summary>Whether the files were missing when their folder was looked at last.</summary>
    internal bool WasMissing { get; set; }

    /// <summary>Reads the files if they are others than those that were read. Returns whether certificate or error are others now.</summary>
    /// <param name="atOnce">
    /// False: only if they were the same when they were looked at last, because a certificate and its key are not written at the same instant.
    /// </param>
    /// <param name="tickets">The process's keys.</param>
    internal bool Refresh(bool atOnce, TicketKeys tickets)
    {
        (TlsCertificate? Certificate, string? Error) before = (Certificate, Error);
        try
        {
            FileIdentity? file = FileIdentity.Of(pair.File);
            Look((file, pair.Key == pair.File ? file : FileIdentity.Of(pair.Key)), atOnce, tickets);
            _lookError = null;
        }
        catch (IOException refused)
        {
            _lookError = WhyOf(refused);
        }

        return before != (Certificate, Error);
    }

    /// <summary>Whether a failure is the files', and no mistake of the program.</summary>
    internal static bool IsFault(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or TlsException or AsnContentException or ArgumentException;

    /// <summary>Reads a certificate with its key.</summary>
    /// <exception cref="IOException">A file is not there, is too large, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not read it.</exception>
    /// <exception cref="TlsException">Its content cannot be used.</exception>
    /// <exception cref="AsnContentException">The certificate is malformed.</exception>
    /// <exception cref="ArgumentException">An address in the certificate is malformed.</exception>
    internal static TlsCertificate Read(CertificatePair pair, TicketKeys tickets)
    {
        byte[] file = ReadText(pair.File);
        byte[] key = pair.Key == pair.File ? file : ReadText(pair.Key);
        try
        {
            return TlsCertificate.Read(file, key, tickets);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Reads a PEM text.</summary>
    /// <exception cref="IOException">The file is not there, is too large, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not read it.</exception>
    internal static byte[] ReadText(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (file.Length is 0 or > Limits.PemBytes)
        {
            throw new IOException($"{path} has {file.Length} bytes; allowed are 1 to {Limits.PemBytes}");
        }

        byte[] text = new byte[file.Length];
        file.ReadExactly(text);
        return text;
    }

    /// <summary>Why a file cannot be used, in a sentence that names no content.</summary>
    internal static string WhyOf(Exception broken) => broken switch
    {
        FileNotFoundException { FileName: { } name } => $"there is no file {name}",
        DirectoryNotFoundException => "there is no such folder",
        UnauthorizedAccessException =>
            $"user {Privileges.User} may not read it; if the process has become that user by Edge:User, the user needs this permission for a reload",
        AsnContentException or ArgumentException => "the certificate is malformed",
        _ => broken.Message,
    };

    private void Look((FileIdentity? File, FileIdentity? Key) now, bool atOnce, TicketKeys tickets)
    {
        if (now != _read && (atOnce || now == _seen))
        {
            _read = now;
            try
            {
                Certificate = Read(pair, tickets);
                _readError = null;
            }
            catch (Exception broken) when (IsFault(broken))
            {
                _readError = WhyOf(broken);
            }
        }

        _seen = now;
    }
}
