using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Edge.Tests.Backends;
using Edge.Tests.Tls;

namespace Edge.Tests.Native;

/// <summary>A takeover where clients speak TLS.</summary>
public sealed class TlsTakeoverTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-tls-takeover-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_client_resumes_its_session_with_the_process_that_took_over(SslProtocols version)
    {
        await using var backend = new Backend(Scripts.Echo);
        (string, string)[] options = Options(backend);
        NativeEdge old = await NativeEdge.StartAsync([.. options, ("Listen", "127.0.0.1:0,https://127.0.0.1:0")]);
        IPEndPoint[] addresses = old.Endpoints;
        var client = new SslClientAuthenticationOptions { TargetHost = $"{version}.example.org", EnabledSslProtocols = version };
        await AskAsync(addresses[1], client);
        Assert.Equal(0, await ResumedAsync(old));
        await AskAsync(addresses[1], client);
        Assert.Equal(1, await ResumedAsync(old));
        await using NativeEdge edge = await NativeEdge.TakeOverAsync(old, [.. options, ("Listen", $"{addresses[0]},https://{addresses[1]}")]);
        Assert.Equal(0, await old.ExitAsync());
        await AskAsync(addresses[1], client);
        Assert.Equal(1, await ResumedAsync(edge));
        Assert.DoesNotContain("tickets", old.Output + edge.Output, StringComparison.Ordinal);
        await old.DisposeAsync();
    }

    [Fact]
    public async Task An_address_may_change_its_scheme()
    {
        await using var backend = new Backend(Scripts.Echo);
        (string, string)[] options = Options(backend);
        NativeEdge old = await NativeEdge.StartAsync([.. options, ("Listen", "127.0.0.1:0,127.0.0.1:0")]);
        IPEndPoint[] addresses = old.Endpoints;
        await using NativeEdge edge = await NativeEdge.TakeOverAsync(
            old, [.. options, ("Listen", $"{addresses[0]},https://{addresses[1]}"), ("Tls:Redirect", "on")]);
        Assert.Equal(0, await old.ExitAsync());
        await AskAsync(addresses[1], new() { TargetHost = "example.org" });
        using Wire plain = await Wire.ConnectAsync(addresses[0]);
        await plain.SendAsync("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
        Assert.Equal($"https://example.org:{addresses[1].Port}/", (await plain.ReadMessageAsync()).Field("Location"));
        await old.DisposeAsync();
    }

    private (string, string)[] Options(Backend backend)
    {
        string file = Path.Combine(_folder.FullName, "example.pem");
        using X509Certificate2 certificate = TestCertificates.Make(["example.org", "*.example.org"]);
        File.WriteAllBytes(file, [.. TestCertificates.Pem(certificate), .. TestCertificates.KeyPem(certificate)]);
        return [("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString()), ("Tls:Certificates:0:File", file)];
    }

    private static async Task AskAsync(IPEndPoint address, SslClientAuthenticationOptions options)
    {
        using Wire client = await Wire.ConnectTlsAsync(address, options);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n");
        Assert.Contains("\r\nX-Forwarded-Proto: https\r\n", (await client.ReadMessageAsync()).Text, StringComparison.Ordinal);
    }

    private static async Task<int> ResumedAsync(NativeEdge edge)
    {
        string metrics = (await edge.AskAsync("GET", "/edge/metrics")).Text;
        string line = metrics.Split('\n').Single(l => l.StartsWith("edge_tls_handshakes_resumed_total ", StringComparison.Ordinal));
        return int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
