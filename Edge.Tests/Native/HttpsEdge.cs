using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Edge.Tests.Backends;
using Edge.Tests.Tls;

namespace Edge.Tests.Native;

/// <summary>The published binary with an address of https, a certificate from a file, and its own paths beside without TLS.</summary>
internal sealed class HttpsEdge : IAsyncDisposable
{
    private HttpsEdge(NativeEdge process, string folder, IPEndPoint endpoint) => (Process, Folder, Endpoint) = (process, folder, endpoint);

    /// <summary>The balancer; its own endpoint is the one without TLS.</summary>
    internal NativeEdge Process { get; }

    /// <summary>With the certificate, in edge.pem; removed in the end.</summary>
    internal string Folder { get; }

    /// <summary>Where clients speak TLS.</summary>
    internal IPEndPoint Endpoint { get; }

    /// <summary>Starts it with two replicas of its own.</summary>
    internal static async Task<HttpsEdge> StartAsync(params (string Key, string Value)[] options)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("edge-https-");
        string file = Path.Combine(folder.FullName, "edge.pem");
        using X509Certificate2 certificate = TestCertificates.Make(["example.org", "127.0.0.1", "localhost"]);
        WriteCertificate(file, certificate);
        IPEndPoint https = FreeAddress();
        NativeEdge process = await NativeEdge.StartWithReplicasAsync(
            2, [("Listen", $"http://127.0.0.1:0,https://{https}"), ("Tls:Certificates:0:File", file), .. options]);
        return new HttpsEdge(process, folder.FullName, https);
    }

    /// <summary>Starts a balancer that takes over from this one, with the same certificate. This one ends by itself.</summary>
    internal async Task<HttpsEdge> TakeOverAsync()
    {
        NativeEdge next = await NativeEdge.TakeOverAsync(
            Process, ("Fleet:Driver", "process"), ("Fleet:Replicas", "2"), ("Listen", $"http://{Process.Endpoint},https://{Endpoint}"),
            ("Tls:Certificates:0:File", CertificateFile));
        return new HttpsEdge(next, Folder, Endpoint);
    }

    /// <summary>The file with the certificate and its key.</summary>
    internal string CertificateFile => Path.Combine(Folder, "edge.pem");

    /// <summary>Puts a certificate and its key into one file, by rename, as tools do that renew them.</summary>
    internal static void WriteCertificate(string file, X509Certificate2 certificate)
    {
        File.WriteAllBytes(file + ".new", [.. TestCertificates.Pem(certificate), .. TestCertificates.KeyPem(certificate)]);
        File.Move(file + ".new", file, overwrite: true);
    }

    internal Task<Wire> ConnectAsync() =>
        Wire.ConnectTlsAsync(Endpoint, new SslClientAuthenticationOptions { TargetHost = "example.org" }, TimeSpan.FromMinutes(3));

    internal Task<JsonElement> StatusAsync() => Process.StatusAsync();

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static IPEndPoint FreeAddress()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }
}
