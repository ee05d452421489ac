using System.Security.Cryptography;
using Edge.Tests.Backends;
using Edge.Tests.Docker;

namespace Edge.Tests.RealSoftware;

/// <summary>Application servers behind Edge: gunicorn, PHP's own and Node's; by curl, Java's client and ws.</summary>
public sealed class ServerTests
{
    private static readonly string s_programs = Path.Combine(Repository.Root, "Edge.Tests", "RealSoftware", "programs");

    [Theory]
    [InlineData("gunicorn")]
    [InlineData("php")]
    [InlineData("node")]
    public async Task Curl_uploads_downloads_streams_and_is_told_of_errors(string name)
    {
        await using RealServer server = await StartAsync(name);
        await using var edge = new RealEdge(server);
        string sent = Path.Combine(server.Folder, "sent"), got = Path.Combine(server.Folder, "got");
        byte[] body = RandomNumberGenerator.GetBytes(1_500_000);
        await File.WriteAllBytesAsync(sent, body, TestContext.Current.CancellationToken);

        // A length, and beyond a megabyte Expect: 100-continue; then chunks.
        foreach (string[] how in new string[][] { ["-H", "Expect:"], [], ["-H", "Expect: 100-continue"], ["-H", "Transfer-Encoding: chunked", "-H", "Expect:"],
            ["-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue"] })
        {
            File.Delete(got);
            Assert.Equal("200", await CurlAsync(["--data-binary", $"@{sent}", .. how, "-o", got, "-w", "%{http_code}", $"{edge.Url}/echo"]));
            byte[] back = await File.ReadAllBytesAsync(got, TestContext.Current.CancellationToken);
            Assert.True(body.AsSpan().SequenceEqual(back), string.Join(' ', how));
        }

        Assert.Equal(string.Concat(Enumerable.Range(0, 200).Select(i => $"part {i}\n")).TrimEnd(), await CurlAsync("-N", $"{edge.Url}/stream"));
        Assert.Equal("200 3000000 1", await CurlAsync("-o", "/dev/null", "-w", "%{http_code} %{size_download} %{num_connects}", $"{edge.Url}/size"));
        Assert.Equal("200 0 1\n200 3000000 0", await CurlAsync(
            "-I", "-o", "/dev/null", "-w", "%{http_code} %{size_download} %{num_connects}\n", $"{edge.Url}/size", "--next",
            "-sS", "-o", "/dev/null", "-w", "%{http_code} %{size_download} %{num_connects}", $"{edge.Url}/size"));
        Assert.Equal(("404", "500"), (await StatusAsync($"{edge.Url}/nothing"), await StatusAsync($"{edge.Url}/fail")));
        Assert.True(edge.Failures == 0, $"{edge.Reasons}\n{server.Output}");
    }

    [Fact]
    public async Task Trailers_and_interim_answers_of_Node_reach_a_client_that_takes_them()
    {
        await using RealServer server = await StartAsync("node");
        await using var edge = new RealEdge(server);
        using Wire client = await Wire.ConnectAsync(edge.Endpoint);
        foreach ((string fields, string trailers) in new[] { ("Connection: TE\r\nTE: trailers\r\n", "Checksum: abc\r\n\r\n"), ("", "\r\n") })
        {
            await client.SendAsync($"GET /stream HTTP/1.1\r\nHost: h\r\n{fields}\r\n");
            Message streamed = await client.ReadMessageAsync();
            Assert.Equal((200, trailers), (streamed.Status, streamed.Trailers));
        }

        await client.SendAsync("GET /interim HTTP/1.1\r\nHost: h\r\n\r\n");
        for (int i = 0; i < 40; i++)
        {
            Assert.StartsWith("HTTP/1.1 102 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        }

        Assert.Contains("</a.css>; rel=preload", await client.ReadHeadAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("ok", (await client.ReadMessageAsync()).Text);
        Assert.True(edge.Failures == 0, $"{edge.Reasons}\n{server.Output}");
    }

    [Fact]
    public async Task Java_gets_posts_streams_and_is_told_of_errors()
    {
        await using RealServer server = await StartAsync("node");
        await using var edge = new RealEdge(server);
        string said = await Command.RunAsync("java", ["-Xshare:auto", "-XX:TieredStopAtLevel=1", Path.Combine(s_programs, "Client.java"), edge.Url]);
        Assert.Equal(
            ["get 3000000", "get 3000000", "head 200", "length true", "expect true", "chunked true", "lines 200", "missing 404", "failed 500"],
                said.Split('\n'));
        Assert.True(edge.Failures == 0, $"{edge.Reasons}\n{server.Output}");
    }

    [Fact]
    public async Task WebSockets_of_ws_carry_every_kind_of_message()
    {
        DirectoryInfo packages = Directory.CreateTempSubdirectory("edge-ws-");
        try
        {
            File.Copy(Path.Combine(s_programs, "package.json"), Path.Combine(packages.FullName, "package.json"));
            File.Copy(Path.Combine(s_programs, "package-lock.json"), Path.Combine(packages.FullName, "package-lock.json"));
            await Command.RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--prefix", packages.FullName]);
            string ws = Path.Combine(packages.FullName, "node_modules", "ws");
            await using RealServer server = await StartAsync("node", ws);
            await using var edge = new RealEdge(server);
            string[] said = (await Command.RunAsync("node", [Path.Combine(s_programs, "sockets.cjs"), $"ws://{edge.Endpoint}/", ws])).Split('\n');
            Assert.Equal(36, said.Length);
            Assert.All(said, line => Assert.EndsWith(" true", line, StringComparison.Ordinal));
            Assert.True(edge.Failures == 0, $"{edge.Reasons}\n{server.Output}");
        }
        finally
        {
            packages.Delete(recursive: true);
        }
    }

    private static Task<RealServer> StartAsync(string name, params string[] more) => RealServer.StartAsync((folder, port) => name switch
    {
        "gunicorn" => ["env", "PYTHONDONTWRITEBYTECODE=1", "gunicorn", "--bind", $"127.0.0.1:{port}", "--workers", "1", "--threads", "4", "--chdir", s_programs,
            "app:app"],
        "php" => ["php", "-S", $"127.0.0.1:{port}", Path.Combine(s_programs, "index.php")],
        _ => ["node", Path.Combine(s_programs, "server.cjs"), $"{port}", .. more],
    });

    private static Task<string> StatusAsync(string url) => CurlAsync("-o", "/dev/null", "-w", "%{http_code}", url);

    private static Task<string> CurlAsync(params string[] arguments) => Command.RunAsync("curl", ["-sS", "--max-time", "60", .. arguments]);
}
