using System.Security.Cryptography;
using Edge.Tests.Docker;

namespace Edge.Tests.RealSoftware;

/// <summary>nginx behind Edge: files, compression, WebDAV, and git over its CGI; by curl and git.</summary>
public sealed class NginxTests : IAsyncLifetime
{
    private const int Lines = 8_000;

    private RealServer _cgi = null!;
    private RealServer _nginx = null!;
    private RealEdge _edge = null!;

    public async ValueTask InitializeAsync()
    {
        _cgi = await RealServer.StartAsync((_, port) => ["fcgiwrap", "-c", "2", "-s", $"tcp:127.0.0.1:{port}"]);
        _nginx = await RealServer.StartAsync(Prepare);
        _edge = new RealEdge(_nginx);
    }

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        Assert.Equal(0, _edge.Failures);
        await _nginx.DisposeAsync();
        await _cgi.DisposeAsync();
    }

    [Fact]
    public async Task What_it_would_compress_for_a_client_it_compresses_behind_Edge()
    {
        string direct = await CurlAsync("--compressed", "-o", "/dev/null", "-w", "%{size_download} %{http_code}", $"http://{_nginx.Address}/text.txt");
        string through = await CurlAsync("--compressed", "-o", "/dev/null", "-w", "%{size_download} %{http_code}", $"{_edge.Url}/text.txt");
        Assert.Equal(direct, through);
        Assert.InRange(int.Parse(through.Split(' ')[0]), 1, Lines);
        string fields = await CurlAsync("--compressed", "-o", "/dev/null", "-D", "-", $"{_edge.Url}/text.txt");
        Assert.Contains("content-encoding: gzip", fields, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("via: 1.1 edge", fields, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Files_come_whole_in_parts_and_as_heads_over_one_connection()
    {
        string[] got = (await CurlAsync(
            "-w", "%{http_code} %{size_download} %{num_connects}\n", "-o", "/dev/null", $"{_edge.Url}/large.bin", "--next",
            "-w", "%{http_code} %{size_download} %{num_connects}\n", "-o", "/dev/null", "-r", "100-299", $"{_edge.Url}/large.bin", "--next",
            "-w", "%{http_code} %{size_download} %{num_connects}\n", "-I", "-o", "/dev/null", $"{_edge.Url}/large.bin", "--next",
            "-w", "%{http_code} %{num_connects}", "-o", "/dev/null", $"{_edge.Url}/nothing")).Split('\n');
        Assert.Equal(["200 5000000 1", "206 200 0", "200 0 0", "404 0"], got);
    }

    [Fact]
    public async Task WebDAV_makes_lists_copies_moves_and_removes()
    {
        string file = Path.Combine(_nginx.Folder, "upload.bin");
        byte[] content = RandomNumberGenerator.GetBytes(2_500_000);
        await File.WriteAllBytesAsync(file, content, TestContext.Current.CancellationToken);

        // Beyond a megabyte, and always from a pipe, curl asks first (Expect: 100-continue).
        Assert.Equal("201", await StatusAsync("MKCOL", "/dav/one/"));
        Assert.Equal("201", await CurlAsync("-T", file, "-o", "/dev/null", "-w", "%{http_code}", $"{_edge.Url}/dav/one/a"));
        Assert.Equal("201", await CurlAsync(
            "-T", file, "-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue", "-o", "/dev/null", "-w", "%{http_code}", $"{_edge.Url}/dav/one/b"));
        Assert.Equal("204", await StatusAsync("COPY", "/dav/one/a", "-H", "Destination: /dav/one/c"));
        Assert.Equal("204", await StatusAsync("MOVE", "/dav/one/b", "-H", "Destination: /dav/one/d"));
        string listing = await CurlAsync("-X", "PROPFIND", "-H", "Depth: 1", $"{_edge.Url}/dav/one/");
        Assert.All(["a", "c", "d"], name => Assert.Contains($"/dav/one/{name}<", listing, StringComparison.Ordinal));
        Assert.DoesNotContain("/dav/one/b<", listing, StringComparison.Ordinal);
        Assert.All(["a", "c", "d"], name => Assert.Equal(content, File.ReadAllBytes(Path.Combine(_nginx.Folder, "dav", "one", name))));
        Assert.Equal("204", await StatusAsync("DELETE", "/dav/one/"));
        Assert.Equal("404", await StatusAsync("PROPFIND", "/dav/one/", "-H", "Depth: 1"));
    }

    [Fact]
    public async Task Git_clones_pushes_what_is_large_and_pulls()
    {
        string origin = Path.Combine(_nginx.Folder, "git", "r.git"), one = Path.Combine(_nginx.Folder, "one"), two = Path.Combine(_nginx.Folder, "two");
        await GitAsync("init", "-q", "--bare", origin);
        await GitAsync("-C", origin, "config", "http.receivepack", "true");
        await GitAsync("clone", "-q", $"{_edge.Url}/git/r.git", one);
        await File.WriteAllBytesAsync(Path.Combine(one, "large"), RandomNumberGenerator.GetBytes(3_000_000), TestContext.Current.CancellationToken);
        await GitAsync("-C", one, "add", "large");
        await GitAsync("-C", one, "commit", "-q", "-m", "large");

        // Above http.postBuffer, of a megabyte, a pack is sent in chunks.
        await GitAsync("-C", one, "push", "-q", "origin", "HEAD:refs/heads/main");
        await GitAsync("clone", "-q", "-b", "main", $"{_edge.Url}/git/r.git", two);
        Assert.Equal(await GitAsync("-C", one, "rev-parse", "HEAD"), await GitAsync("-C", two, "rev-parse", "HEAD"));
        await GitAsync("-C", one, "commit", "-q", "--allow-empty", "-m", "next");
        await GitAsync("-C", one, "push", "-q", "origin", "HEAD:refs/heads/main");
        await GitAsync("-C", two, "pull", "-q");
        Assert.Equal(await GitAsync("-C", one, "rev-parse", "HEAD"), await GitAsync("-C", two, "rev-parse", "HEAD"));
    }

    private string[] Prepare(string folder, int port)
    {
        foreach (string inside in new[] { "dav", "git", "temp", "files" })
        {
            Directory.CreateDirectory(Path.Combine(folder, inside));
        }

        File.WriteAllText(Path.Combine(folder, "files", "text.txt"), string.Concat(Enumerable.Repeat("a line of text\n", Lines)));
        File.WriteAllBytes(Path.Combine(folder, "files", "large.bin"), new byte[5_000_000]);
        File.WriteAllText(Path.Combine(folder, "nginx.conf"), $$"""
            load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
            {{(Environment.UserName == "root" ? "user root;" : "")}}
            daemon off;
            pid nginx.pid;
            error_log error.log;
            events { worker_connections 64; }
            http {
                access_log off;
                gzip on;
                gzip_types text/plain;
                default_type text/plain;
                client_max_body_size 100m;
                client_body_temp_path temp/body; proxy_temp_path temp/proxy;
                fastcgi_temp_path temp/fastcgi; uwsgi_temp_path temp/uwsgi; scgi_temp_path temp/scgi;
                server {
                    listen 127.0.0.1:{{port}};
                    root {{folder}}/files;
                    location /dav/ { root {{folder}}; dav_methods PUT DELETE MKCOL COPY MOVE; dav_ext_methods PROPFIND OPTIONS; }
                    {{Cgi(folder)}}
                }
            }
            """);
        return ["nginx", "-p", folder, "-c", "nginx.conf", "-e", "error.log"];
    }

    private string Cgi(string folder) => $$"""
        location ~ ^/git(/.*)$ {
            fastcgi_pass {{_cgi.Address}};
            fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;
            fastcgi_param GIT_PROJECT_ROOT {{folder}}/git;
            fastcgi_param GIT_HTTP_EXPORT_ALL 1;
            fastcgi_param PATH_INFO $1;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
            fastcgi_param GIT_PROTOCOL $http_git_protocol;
        }
        """;

    private Task<string> StatusAsync(string method, string path, params string[] more) =>
        CurlAsync(["-X", method, "-o", "/dev/null", "-w", "%{http_code}", .. more, _edge.Url + path]);

    private static Task<string> CurlAsync(params string[] arguments) => Command.RunAsync("curl", ["-sS", "--max-time", "60", .. arguments]);

    private static Task<string> GitAsync(params string[] arguments) => Command.RunAsync(
        "git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "safe.directory=*", "-c", "protocol.version=2", .. arguments]);
}
