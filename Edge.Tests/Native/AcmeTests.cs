using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Edge.Tests.Backends;
using Edge.Tests.Certificates;
using Edge.Tests.Tls;

namespace Edge.Tests.Native;

/// <summary>Certificates for the hosts of services, which the published binary gets by itself: at the start, after a reload, through a takeover.</summary>
public sealed class AcmeTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-acme-");

    public AcmeTests() => Assert.SkipUnless(Pebble.IsThere, "pebble is not installed (package pebble)");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Hosts_of_services_get_certificates_at_the_start_after_a_reload_and_stay_through_a_takeover()
    {
        int http = Pebble.FreePort(), https = Pebble.FreePort();
        await using var pebble = new Pebble(http, https);
        await pebble.StartAsync();
        string file = Path.Combine(_folder.FullName, "filed.pem");
        using X509Certificate2 filed = TestCertificates.Make(["*.filed.example.org"]);
        HttpsEdge.WriteCertificate(file, filed);
        Write(pebble, http, https, file, Service("shop", "shop.example.org", "*.shop.example.org"), Service("filed", "a.filed.example.org"));
        await using NativeEdge edge = await NativeEdge.StartAsync(_folder.FullName, [], ("Listen", $"http://127.0.0.1:{http},https://127.0.0.1:{https}"));
        await HasAsync(edge, "acme shop.example.org");
        Assert.StartsWith("CN=Pebble Intermediate CA", await IssuerAsync(https, "shop.example.org"), StringComparison.Ordinal);

        // One that a reload adds; what files and wildcards are for, nobody is asked for.
        Write(pebble, http, https, file, Service("shop", "shop.example.org"), Service("blog", "blog.example.org"), Service("filed", "a.filed.example.org"));
        await edge.SignalAsync("HUP");
        await HasAsync(edge, "acme blog.example.org", "acme shop.example.org");
        string serial = await SerialAsync(https, "shop.example.org");
        Assert.Equal(2, Count(edge, " certificate_ordered "));

        await using NativeEdge next = await NativeEdge.TakeOverAsync(
            edge, _folder.FullName, ("Listen", $"http://127.0.0.1:{http},https://127.0.0.1:{https}"));
        Assert.Equal(0, await edge.ExitAsync());
        await HasAsync(next, "acme blog.example.org", "acme shop.example.org");
        Assert.Equal(serial, await SerialAsync(https, "shop.example.org"));
        Assert.Equal(0, Count(next, " certificate_ordered "));

        // One that the new process is told of gets its certificate from there.
        Write(pebble, http, https, file, Service("shop", "shop.example.org"), Service("late", "late.example.org"));
        await next.SignalAsync("HUP");
        await HasAsync(next, "acme late.example.org", "acme shop.example.org");
    }

    private static string Service(string name, params string[] hosts) =>
        $$"""
        "{{name}}": {"Hosts": {{JsonSerializer.Serialize(hosts)}}, "Fleet": {"Addresses": ["127.0.0.1:9"]}, "Health": {"Off": true} }
        """;

    private void Write(Pebble pebble, int http, int https, string file, params string[] services) =>
        File.WriteAllText(Path.Combine(_folder.FullName, "appsettings.json"), $$"""
            {"Edge": {
              "Listen": "http://127.0.0.1:{{http}},https://127.0.0.1:{{https}}",
              "Tls": {
                "Certificates": [{"File": "{{file}}"}],
                "Acme": {
                  "Directory": "{{pebble.Directory}}", "Roots": "{{pebble.Roots}}", "AgreeToTerms": true, "Storage": "{{_folder.FullName}}/acme"
                }
              },
              "Services": { {{string.Join(", ", services)}} }
            } }
            """);

    // The certificates that come by themselves, and no self-signed one beside them.
    private static Task HasAsync(NativeEdge edge, params string[] certificates) => Quiet.UntilAsync(
        async () => (await edge.StatusAsync()).GetProperty("certificates").EnumerateArray()
            .Select(one => $"{one.GetProperty("source").GetString()} {one.GetProperty("names")[0].GetString()}")
            .Where(one => !one.Contains("filed.pem", StringComparison.Ordinal)).Order(StringComparer.Ordinal).SequenceEqual(certificates),
        $"there are {string.Join(", ", certificates)}:\n{edge.Output}", s_patience);

    private static async Task<string> IssuerAsync(int port, string host) => (await SeenAsync(port, host)).Issuer;

    private static async Task<string> SerialAsync(int port, string host) => (await SeenAsync(port, host)).Serial;

    private static async Task<(string Issuer, string Serial)> SeenAsync(int port, string host)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        (string, string) seen = default;
        await using var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) =>
        {
            using var whole = new X509Certificate2(certificate!);
            seen = (whole.Issuer, whole.SerialNumber);
            return true;
        });
        await tls.AuthenticateAsClientAsync(host).WaitAsync(s_patience);
        return seen;
    }

    private static int Count(NativeEdge edge, string word) => edge.Output.Split(word).Length - 1;
}
