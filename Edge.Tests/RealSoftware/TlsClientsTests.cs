using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Io;
using Edge.Tests.Backends;
using Edge.Tests.Docker;
using Edge.Tests.Tls;

namespace Edge.Tests.RealSoftware;

/// <summary>Clients of other projects that speak TLS to the balancer, each with a certificate that it is told to trust and checks.</summary>
public sealed class TlsClientsTests : IDisposable
{
    private const int SizeBytes = 3_000_000;

    private static readonly string s_programs = Path.Combine(Repository.Root, "Edge.Tests", "RealSoftware", "programs");
    private static readonly byte[] s_size = new byte[SizeBytes];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-tls-clients-");
    private readonly string _authority;
    private readonly TlsFrontend _tls;

    public TlsClientsTests()
    {
        using X509Certificate2 certificate = TestCertificates.Make(["example.org", "127.0.0.1", "localhost"]);
        _authority = Path.Combine(_folder.FullName, "ca.pem");
        File.WriteAllBytes(_authority, TestCertificates.Pem(certificate));
        var tickets = new TicketKeys();
        TlsCertificate shown = TestCertificates.ToEdge(certificate, tickets);
        _tls = new TlsFrontend(new CertificateTable([shown], shown), tickets);
    }

    public void Dispose()
    {
        _tls.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("--tlsv1.2", "--tls-max", "1.2")]
    [InlineData("--tlsv1.3", "--tls-max", "1.3")]
    public async Task Curl_uploads_and_downloads(params string[] version)
    {
        await using TestBalancer balancer = Balancer();
        string sent = Path.Combine(_folder.FullName, "sent"), got = Path.Combine(_folder.FullName, "got");
        byte[] body = RandomNumberGenerator.GetBytes(1_000_000);
        await File.WriteAllBytesAsync(sent, body, TestContext.Current.CancellationToken);
        int port = balancer.Plane.Endpoint.Port;
        string[] how = ["-sS", "--max-time", "60", "--cacert", _authority, "--resolve", $"example.org:{port}:127.0.0.1", .. version];
        string url = $"https://example.org:{port}";
        Assert.Equal($"200 {SizeBytes} 0", await Command.RunAsync(
            "curl", [.. how, "-o", "/dev/null", "-w", "%{http_code} %{size_download} %{ssl_verify_result}", $"{url}/size"]));
        foreach (string[] framing in new string[][] { ["-H", "Expect:"], [], ["-H", "Transfer-Encoding: chunked"] })
        {
            Assert.Equal("200", await Command.RunAsync(
                "curl", [.. how, .. framing, "--data-binary", $"@{sent}", "-o", got, "-w", "%{http_code}", $"{url}/echo"]));
            byte[] back = await File.ReadAllBytesAsync(got, TestContext.Current.CancellationToken);
            Assert.True(body.AsSpan().SequenceEqual(back), string.Join(' ', framing));
        }
    }

    [Theory]
    [InlineData("TLSv1.2")]
    [InlineData("TLSv1.3")]
    public async Task Node_gets_and_posts_and_resumes_every_session(string version)
    {
        await using TestBalancer balancer = Balancer();
        string said = await Command.RunAsync("node", [Path.Combine(s_programs, "https.cjs"), $"{balancer.Plane.Endpoint.Port}", _authority, version]);
        Assert.Equal([$"get {SizeBytes}", "post true", "resumed 20"], said.Split('\n'));
    }

    [Fact]
    public async Task Java_gets_and_posts_over_both_versions()
    {
        await using TestBalancer balancer = Balancer();
        string program = Path.Combine(s_programs, "TlsClient.java"), url = $"https://127.0.0.1:{balancer.Plane.Endpoint.Port}";
        string said = await Command.RunAsync("java", ["-Xshare:auto", "-XX:TieredStopAtLevel=1", program, url, _authority]);
        Assert.Equal([$"TLSv1.2 get {SizeBytes} post true", $"TLSv1.3 get {SizeBytes} post true"], said.Split('\n'));
    }

    // Each ticket is used once, as RFC 8446 (C.4) asks of clients; so each handshake has to bring the next.
    [Theory]
    [InlineData("-tls1_2", 4)]
    [InlineData("-tls1_3", 4)]
    public async Task OpenSSL_s_client_resumes_with_the_ticket_of_the_handshake_before(string version, int loops)
    {
        await using TestBalancer balancer = Balancer(loops);
        string session = Path.Combine(_folder.FullName, "session");
        Assert.Contains("\nNew, TLSv1.", await SClientAsync(balancer, version, "-sess_out", session), StringComparison.Ordinal);
        for (int i = 0; i < 20; i++)
        {
            string next = $"{session}.{i}";
            string said = await SClientAsync(balancer, version, "-sess_in", session, "-sess_out", next);
            Assert.Contains("\nReused, TLSv1.", said, StringComparison.Ordinal);
            Assert.Contains("HTTP/1.1 200 OK", said, StringComparison.Ordinal);

            // In TLS 1.2 the session stays the same.
            session = version == "-tls1_3" ? next : session;
            Assert.True(File.Exists(session), $"handshake {i + 1} brought no ticket:\n{said}");
        }
    }

    private Task<string> SClientAsync(TestBalancer balancer, params string[] more) =>
        SClient.AskAsync(balancer.Plane.Endpoint, ["-CAfile", _authority, "-verify_return_error", .. more]);

    private TestBalancer Balancer(int loops = 2) => TestBalancer.WithTls(_tls, o => o with { Loops = loops }, new Backend(async wire =>
    {
        while (true)
        {
            Message request = await wire.ReadMessageAsync();
            byte[] body = request.StartLine.StartsWith("GET /size", StringComparison.Ordinal) ? s_size : request.Body;
            await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n");
            await wire.SendAsync(body);
        }
    }, TimeSpan.FromMinutes(2)));
}
