using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Tests.Backends;
using Edge.Tests.Certificates;
using Edge.Tests.Native;
using Edge.Tests.Tls;

namespace Edge.Tests.Browser;

/// <summary>
/// Two sites behind the published binary, each with its certificate, as a browser sees them: cookies, a redirect, a page while one is stopped.
/// </summary>
public sealed class SitesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-sites-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Two_hosts_over_https_keep_their_clients_apart_and_one_shows_its_page_while_it_is_stopped()
    {
        using X509Certificate2 shop = TestCertificates.Make(["shop.test", "www.shop.test"]), blog = TestCertificates.Make(["blog.test"]);
        int http = Pebble.FreePort(), https = Pebble.FreePort();
        await File.WriteAllTextAsync(In("closed.html"), "<!doctype html><title>closed</title><h1>We are moving house</h1>");
        await using NativeEdge edge = await NativeEdge.StartAsync(
            ("Listen", $"http://127.0.0.1:{http},https://127.0.0.1:{https}"), ("Tls:Redirect", $"{https}"),
            ("Tls:Certificates:0:File", Write("shop.pem", shop)), ("Tls:Certificates:1:File", Write("blog.pem", blog)),
            ("Services:shop:Hosts:0", "shop.test"), ("Services:shop:Redirect:0", "www.shop.test"), ("Services:shop:Sticky", "true"),
            ("Services:shop:Fleet:Driver", "process"), ("Services:shop:Fleet:Replicas", "3"), ("Services:shop:Answers:MaintenancePage", In("closed.html")),
            ("Services:blog:Hosts:0", "blog.test"), ("Services:blog:Fleet:Driver", "process"), ("Services:blog:Fleet:Replicas", "2"));
        await Quiet.UntilAsync(
            () => edge.Output.Contains("in rotation: ", StringComparison.Ordinal) && edge.Output.Split("state=healthy").Length > 5, $"all run: {edge.Output}");
        string[] trusted = [.. new[] { shop, blog }.Select(one => Convert.ToBase64String(SHA256.HashData(one.PublicKey.ExportSubjectPublicKeyInfo())))];
        await using Chromium browser = await Chromium.StartAsync(
            800, 600, ["--host-resolver-rules=MAP *.test 127.0.0.1", $"--ignore-certificate-errors-spki-list={string.Join(',', trusted)}"]);

        // From http and another name to the site itself; and then always the same replica.
        await browser.GoAsync($"http://www.shop.test:{http}/home");
        Assert.Equal($"https://shop.test:{https}/home", (await browser.ValueAsync("location.href")).GetString());
        string answer = await browser.TextAsync("body");
        Assert.Contains("Hello from Server: ", answer, StringComparison.Ordinal);
        (string cookie, bool isSecure) = Assert.Single(await browser.CookiesAsync());
        Assert.StartsWith("edge_sticky=", cookie, StringComparison.Ordinal);
        Assert.True(isSecure);
        Assert.Equal("", (await browser.ValueAsync("document.cookie")).GetString());
        for (int i = 0; i < 8; i++)
        {
            await browser.GoAsync($"https://shop.test:{https}/home");
            Assert.Equal(answer, await browser.TextAsync("body"));
        }

        // The other one sets none and gets none, and has each of its replicas answer.
        var answers = new HashSet<string>();
        for (int i = 0; i < 8; i++)
        {
            await browser.GoAsync($"https://blog.test:{https}/home");
            answers.Add(await browser.TextAsync("body"));
        }

        Assert.Equal(2, answers.Count);
        Assert.Empty(await browser.CookiesAsync());

        // Stopped, it has its page, and the other one does not notice.
        Assert.Equal(200, (await edge.AskAsync("POST", "/edge/services/shop/stop")).Status);
        await browser.GoAsync($"https://shop.test:{https}/home");
        Assert.Equal("We are moving house", await browser.TextAsync("h1"));
        await browser.GoAsync($"https://blog.test:{https}/home");
        Assert.Contains(await browser.TextAsync("body"), answers);
        Assert.Equal(200, (await edge.AskAsync("POST", "/edge/services/shop/resume")).Status);
        await browser.GoAsync($"https://shop.test:{https}/home");
        Assert.Equal(answer, await browser.TextAsync("body"));
    }

    private string In(string name) => Path.Combine(_folder.FullName, name);

    private string Write(string name, X509Certificate2 certificate)
    {
        HttpsEdge.WriteCertificate(In(name), certificate);
        return In(name);
    }
}
