using System.Security.Cryptography.X509Certificates;
using Edge.Tests.Tls;

namespace Edge.Tests.Certificates;

/// <summary>A folder of a test with certificates, as their owners write, rename and link them.</summary>
internal sealed class PemFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-pem-");

    internal string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The path of a file in the folder.</summary>
    internal string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a certificate and its key into one file. Returns its path.</summary>
    internal string Both(string file, X509Certificate2 certificate) =>
        Write(file, [.. TestCertificates.Pem(certificate), .. TestCertificates.KeyPem(certificate)]);

    /// <summary>Writes a certificate and its key into a file each. Returns their paths.</summary>
    internal (string File, string Key) Pair(string file, string key, X509Certificate2 certificate) =>
        (Write(file, TestCertificates.Pem(certificate)), Write(key, TestCertificates.KeyPem(certificate)));

    /// <summary>Writes a file in the way of a careful program: beside it, and renames it. Returns its path.</summary>
    internal string Write(string file, byte[] text)
    {
        string path = At(file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path + ".new~", text);
        File.Move(path + ".new~", path, overwrite: true);
        return path;
    }
}
