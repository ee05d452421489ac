using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Edge.Tests.Backends;
using Edge.Tests.Certificates;
using Edge.Tests.Tls;

namespace Edge.Tests.Native;

/// <summary>A balancer with certificates from files, while these change, and as whom it may read them.</summary>
[SupportedOSPlatform("linux")]
public sealed class CertificatesTests : IAsyncLifetime
{
    private const string User = "65532";

    private static readonly Dictionary<string, string> s_none = [];

    private readonly PemFolder _folder = new();
    private Backend _backend = null!;

    private static bool IsRoot => Environment.UserName == "root";

    public ValueTask InitializeAsync()
    {
        _backend = new Backend(Scripts.Echo);

        // Other users have to get to the files.
        File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _backend.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Other_certificates_are_shown_after_SIGHUP_and_by_themselves_and_a_broken_one_keeps_the_one_before()
    {
        (X509Certificate2 first, X509Certificate2 second, X509Certificate2 third) = (Shop(), Shop(), Shop());
        string file = _folder.Both("shop.pem", first);
        await using NativeEdge edge = await StartAsync([NativeEdge.Binary], ("Tls:Certificates:0:File", file), ("Control:Token", ""));
        Assert.Equal(first.SerialNumber, await SeenAsync(edge));
        _folder.Both("shop.pem", second);
        await edge.SignalAsync("HUP");
        await SaysAsync(edge, "certificate_loaded", 1);
        Assert.Equal(second.SerialNumber, await SeenAsync(edge));
        _folder.Both("shop.pem", third);
        await SaysAsync(edge, "certificate_loaded", 2);
        Assert.Equal(third.SerialNumber, await SeenAsync(edge));
        _folder.Write("shop.pem", [.. TestCertificates.Pem(first), .. "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"u8]);
        await edge.SignalAsync("HUP");
        await SaysAsync(edge, "certificate_kept", 1);
        Assert.Equal(third.SerialNumber, await SeenAsync(edge));
        Assert.DoesNotContain("c2VjcmV0", edge.Output, StringComparison.Ordinal);

        JsonElement status = await edge.StatusAsync();
        JsonElement shown = Assert.Single(status.GetProperty("certificates").EnumerateArray());
        Assert.Contains("no key can be read", shown.GetProperty("lastError").GetString(), StringComparison.Ordinal);
        Assert.Equal(4, status.GetProperty("tls").GetProperty("handshakes").GetInt32());
        (int code, string listed) = await NativeEdge.RunAsync(s_none, ["certificates", "--url", $"http://{edge.Endpoint}"]);
        Assert.Equal(0, code);
        Assert.Contains($"shop.test    ecdsa         90  shop.test  -       {file}  no key can be read", listed, StringComparison.Ordinal);
        Assert.Contains("edge_certificate_failing{certificate=\"shop.test\",key=\"ecdsa\"", (await edge.AskAsync("GET", "/edge/metrics")).Text);
    }

    [Fact]
    public async Task Clients_are_asked_for_certificates_of_the_authorities_that_the_file_has_now()
    {
        (X509Certificate2 first, X509Certificate2 second) = (TestCertificates.MakeAuthority("first"), TestCertificates.MakeAuthority("second"));
        (X509Certificate2 alice, X509Certificate2 bob) = (TestCertificates.Sign(first, ["alice.test"]), TestCertificates.Sign(second, ["bob.test"]));
        string file = _folder.Both("shop.pem", Shop());
        await using NativeEdge edge = await StartAsync(
            [NativeEdge.Binary], ("Tls:Certificates:0:File", file), ("Tls:ClientCertificates", "required"),
            ("Tls:ClientAuthorities", _folder.Write("clients.crt", TestCertificates.Pem(first))));
        Assert.NotNull(await SeenAsync(edge, alice));
        await Assert.ThrowsAnyAsync<IOException>(() => SeenAsync(edge, bob));
        await Assert.ThrowsAnyAsync<IOException>(() => SeenAsync(edge));
        _folder.Write("clients.crt", "broken"u8.ToArray());
        await edge.SignalAsync("HUP");
        await SaysAsync(edge, "certificate_failed", 1);
        Assert.NotNull(await SeenAsync(edge, alice));
        _folder.Write("clients.crt", TestCertificates.Pem(second));
        await edge.SignalAsync("HUP");
        await SaysAsync(edge, "options_reloaded", 2);
        Assert.NotNull(await SeenAsync(edge, bob));
        await Assert.ThrowsAnyAsync<IOException>(() => SeenAsync(edge, alice));
        JsonElement tls = (await edge.StatusAsync()).GetProperty("tls");
        Assert.Equal((3, 3), (tls.GetProperty("handshakes").GetInt32(), tls.GetProperty("failures").GetProperty("client_certificate").GetInt32()));
    }

    [Fact]
    public async Task Keys_are_read_as_root_and_a_reload_says_that_the_user_whom_it_has_become_may_not()
    {
        Assert.SkipUnless(IsRoot, "Only root may become somebody else.");
        X509Certificate2 first = Shop();
        (string file, string key) = _folder.Pair("shop.crt", "shop.key", first);
        File.SetUnixFileMode(key, UnixFileMode.UserRead);
        await using NativeEdge edge = await StartAsync(
            [NativeEdge.Binary], ("User", User), ("Tls:Certificates:0:File", file), ("Tls:Certificates:0:Key", key));
        Assert.Equal(first.SerialNumber, await SeenAsync(edge));
        X509Certificate2 second = Shop();
        _folder.Pair("shop.crt", "shop.key", second);
        File.SetUnixFileMode(key, UnixFileMode.UserRead);
        await edge.SignalAsync("HUP");
        await SaysAsync(edge, $"user {User} may not read it", 1);
        Assert.Equal(first.SerialNumber, await SeenAsync(edge));

        // Once the user may, it is read without a further signal.
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await SaysAsync(edge, "certificate_loaded", 1);
        Assert.Equal(second.SerialNumber, await SeenAsync(edge));
        Assert.DoesNotContain("pages_kept", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_keys_no_other_process_of_the_same_user_can_read_its_memory()
    {
        Assert.SkipUnless(IsRoot, "Only root may become somebody else.");
        string[] command = ["setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", NativeEdge.Binary];
        await using (NativeEdge without = await NativeEdge.StartAsync(command, null, [], Static()))
        {
            Assert.Equal(User, await OwnerAsync($"/proc/{without.Pid}/mem"));
        }

        // The kernel gives root what the process's own user must not have.
        await using NativeEdge edge = await StartAsync(command, ("Tls:Folder", _folder.Path));
        Assert.Equal("0", await OwnerAsync($"/proc/{edge.Pid}/mem"));
        await Quiet.UntilAsync(() => edge.Output.Contains("in rotation", StringComparison.Ordinal), "it is in rotation");
        Assert.DoesNotContain("pages_kept", edge.Output, StringComparison.Ordinal);
        Assert.Equal(200, (await edge.AskAsync("GET", "/edge/metrics")).Status);
    }

    [Theory]
    [InlineData("Tls:Certificates:0:File", "missing.pem", "cannot be used as a certificate: there is no file ")]
    [InlineData("Tls:Folder", "", "there is no certificate in ")]
    [InlineData("Tls:Folder", "missing", "cannot be used as a certificate: there is no such folder")]
    public async Task Without_a_certificate_that_can_be_used_it_does_not_start(string key, string file, string why)
    {
        (int code, string said) = await NativeEdge.RunAsync(s_none, ["--listen", "https://127.0.0.1:0", $"--Edge:{key}={_folder.At(file)}"]);
        Assert.Equal(69, code);
        Assert.Contains(why, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_has_that_of_the_library() =>
        Assert.Matches(@"^edge \S+\nwith OpenSSL 3\.\S+ ", (await NativeEdge.RunAsync(s_none, ["--version"])).Output.ReplaceLineEndings("\n"));

    private static X509Certificate2 Shop() => TestCertificates.Make(["shop.test"], until: DateTimeOffset.UtcNow.AddDays(90).AddHours(1));

    private (string, string)[] Static() => [("Fleet:Driver", "static"), ("Fleet:Addresses:0", _backend.Address.ToString())];

    private Task<NativeEdge> StartAsync(string[] command, params (string, string)[] options)
    {
        if (!File.Exists(_folder.At("shop.pem")) && !File.Exists(_folder.At("shop.crt")))
        {
            File.SetUnixFileMode(_folder.Both("shop.pem", Shop()), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        }

        return NativeEdge.StartAsync(command, null, [], [("Listen", "http://127.0.0.1:0,https://127.0.0.1:0"), .. Static(), .. options]);
    }

    // Of a connection of its own, which carries a request.
    private static async Task<string> SeenAsync(NativeEdge edge, X509Certificate2? shown = null)
    {
        IPEndPoint https = edge.Endpoints[1];
        using var socket = new TcpClient();
        await socket.ConnectAsync(https);
        await using var client = new SslStream(socket.GetStream(), leaveInnerStreamOpen: true, (_, _, _, _) => true);
        await client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "shop.test",
            AllowTlsResume = false,
            ClientCertificateContext = shown is null ? null : SslStreamCertificateContext.Create(shown, null),
        });
        await client.WriteAsync("GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(client);
        Assert.StartsWith("HTTP/1.1 200 ", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        return client.RemoteCertificate!.GetSerialNumberString();
    }

    private static Task SaysAsync(NativeEdge edge, string word, int count) =>
        Quiet.UntilAsync(() => edge.Output.Split(word).Length > count, $"it says {word} for the {count}. time");

    private static async Task<string> OwnerAsync(string path)
    {
        using Process stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%u", path]) { RedirectStandardOutput = true })!;
        string owner = await stat.StandardOutput.ReadToEndAsync();
        await stat.WaitForExitAsync();
        return owner.Trim();
    }
}
