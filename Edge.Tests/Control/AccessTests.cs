using System.Net;
using System.Text;
using Edge.Config;
using Edge.Tests.Backends;

namespace Edge.Tests.Control;

/// <summary>Every rule of who may call, over real sockets, both ways.</summary>
public sealed class AccessTests
{
    private const string One = "{\"n\":1}";

    [Fact]
    public async Task Without_a_token_loopback_may_read_and_change()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        Assert.Equal(200, (await server.CallAsync("GET /rep")).Status);
        Assert.Equal(200, (await server.CallAsync("POST /add", body: One)).Status);
        Assert.Equal(["server_1", "server_2", "server_3", "server_4"], server.Running);
        Assert.Equal(200, (await server.CallAsync("DELETE /rm", body: "{\"n\":1,\"hostnames\":[\"server_4\"]}")).Status);
    }

    [Theory]
    [InlineData("X-Forwarded-For: 127.0.0.1")]
    [InlineData("X-Forwarded-For: 203.0.113.9")]
    [InlineData("x-forwarded-proto: https")]
    [InlineData("X-Forwarded-Port: 443")]
    [InlineData("Forwarded: for=127.0.0.1")]
    [InlineData("Via: 1.1 front")]
    [InlineData("X-Real-IP: 127.0.0.1")]
    [InlineData("CF-Connecting-IP: ::1")]
    public async Task What_a_proxy_on_this_machine_passes_on_does_not_count_as_loopback(string field)
    {
        await using ControlServer server = await ControlServer.StartAsync();
        foreach ((string line, string body) in new[] { ("GET /rep", ""), ("GET /edge/status", ""), ("POST /add", One), ("DELETE /rm", One) })
        {
            AssertRefused(await server.CallAsync(line, [field], body), 403, "<Error> a proxy on this machine sent this for somebody else");
        }

        Assert.Equal(["server_1", "server_2", "server_3"], server.Running);
        Assert.Equal(200, (await server.CallAsync("GET /heartbeat", [field])).Status);
        server.Authorization.Change("secret", []);
        Assert.Equal(200, (await server.CallAsync("POST /add", [field, "Authorization: Bearer secret"], One)).Status);
    }

    [Theory]
    [InlineData("PROXY TCP4 127.0.0.1 127.0.0.1 1000 80\r\n", "<Error> a proxy on this machine sent this for somebody else")]
    [InlineData("PROXY TCP6 ::1 ::1 1000 80\r\n", "<Error> a proxy on this machine sent this for somebody else")]
    [InlineData("PROXY UNKNOWN\r\n", "<Error> a proxy on this machine sent this for somebody else")]
    [InlineData("PROXY TCP4 203.0.113.9 127.0.0.1 1000 80\r\n", "<Error> callers from 203.0.113.9 are not let in without a token")]
    public async Task An_address_of_the_PROXY_protocol_never_counts_as_loopback(string header, string why)
    {
        await using ControlServer server = await ControlServer.StartAsync(change: s => s with { ProxyProtocol = new() { From = ["127.0.0.0/8"] } });
        AssertRefused(await server.Front.AskAsync($"{header}GET /rep HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), 403, why);
        server.Authorization.Change("secret", []);
        Assert.Equal(200, (await server.Front.AskAsync($"{header}GET /rep HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer secret\r\n\r\n")).Status);
    }

    [Theory]
    [InlineData("127.0.0.1", 200)]
    [InlineData("127.0.0.1:8080", 200)]
    [InlineData("192.0.2.1", 200)]
    [InlineData("[::1]:5000", 200)]
    [InlineData("localhost", 200)]
    [InlineData("LOCALHOST:1", 200)]
    [InlineData("edge.internal:5000", 200)]
    [InlineData("Edge.Internal", 200)]
    [InlineData("rebound.example", 403)]
    [InlineData("rebound.example:5000", 403)]
    [InlineData("localhost.rebound.example", 403)]
    [InlineData("127.0.0.1.rebound.example", 403)]
    [InlineData("xlocalhost", 403)]
    [InlineData("127.1", 403)]
    [InlineData("2130706433", 403)]
    [InlineData("0x7f000001", 403)]
    public async Task Without_a_token_a_name_that_could_belong_to_anyone_is_refused(string host, int status)
    {
        await using ControlServer server = await ControlServer.StartAsync(hosts: ["edge.internal"]);
        Message answer = await server.CallAsync("GET /rep", host: host);
        Assert.Equal(status, answer.Status);
        Assert.Equal(status, (await server.CallAsync("POST /add", body: One, host: host)).Status);
        Assert.Equal(status == 200 ? 4 : 3, server.Running.Count);
        if (status == 403)
        {
            AssertRefused(answer, 403, $"<Error> '{host}' is neither localhost nor an address; list it in Edge:Control:Hosts");
        }

        Assert.Equal(200, (await server.CallAsync("GET /heartbeat", host: host)).Status);
        server.Authorization.Change("secret", []);
        Assert.Equal(200, (await server.CallAsync("GET /rep", ["Authorization: Bearer secret"], host: host)).Status);
    }

    [Fact]
    public async Task The_name_in_the_target_counts_where_there_is_one()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        Assert.Equal(403, (await server.CallAsync("GET http://rebound.example/rep", host: "127.0.0.1")).Status);
        Assert.Equal(200, (await server.CallAsync("GET http://127.0.0.1/rep", host: "127.0.0.1")).Status);
    }

    [Fact]
    public async Task A_call_without_any_Host_is_refused_without_a_token()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        Assert.Equal(403, (await server.Front.AskAsync("GET /rep HTTP/1.0\r\n\r\n")).Status);
        server.Authorization.Change("secret", []);
        Assert.Equal(200, (await server.Front.AskAsync("GET /rep HTTP/1.0\r\nAuthorization: Bearer secret\r\n\r\n")).Status);
    }

    [Theory]
    [InlineData("Origin: http://evil.example")]
    [InlineData("Origin: http://localhost:3000")]
    [InlineData("Origin: null")]
    [InlineData("Origin:")]
    [InlineData("Origin: http://HOST.evil.example")]
    [InlineData("Origin: http://evil.example/http://HOST")]
    [InlineData("Origin: http://HOST\r\nOrigin: http://evil.example")]
    [InlineData("Sec-Fetch-Site: cross-site")]
    [InlineData("Sec-Fetch-Site: same-site")]
    [InlineData("Sec-Fetch-Site: cross-site\r\nOrigin: http://HOST")]
    [InlineData("User-Agent: Mozilla/5.0 (X11)\r\nContent-Type: text/plain")]
    [InlineData("User-Agent: Mozilla/5.0 (X11)\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8")]
    [InlineData("User-Agent: Mozilla/5.0 (X11)\r\nContent-Type: multipart/form-data;boundary=x")]
    public async Task A_page_of_another_origin_cannot_make_a_browser_change_anything(string fields)
    {
        await using ControlServer server = await ControlServer.StartAsync();
        string[] all = fields.Replace("HOST", server.Front.Plane.Endpoint.ToString()).Split("\r\n");
        const string Why = "<Error> a page that is not from '";
        AssertRefused(await server.CallAsync("POST /add", all, One), 403, Why);
        server.Authorization.Change("secret", []);
        AssertRefused(await server.CallAsync("POST /add", [.. all, "Authorization: Bearer secret"], One), 403, Why);
        Assert.Equal(["server_1", "server_2", "server_3"], server.Running);
    }

    [Theory]
    [InlineData("Origin: http://HOST")]
    [InlineData("Origin: HTTP://HOST")]
    [InlineData("Origin: https://HOST")]
    [InlineData("Sec-Fetch-Site: same-origin\r\nOrigin: http://HOST\r\nUser-Agent: Mozilla/5.0\r\nContent-Type: text/plain")]
    [InlineData("Sec-Fetch-Site: none")]
    [InlineData("Sec-Fetch-Mode: cors\r\nUser-Agent: node\r\nContent-Type: text/plain;charset=UTF-8")]
    [InlineData("User-Agent: curl/8.0\r\nContent-Type: application/x-www-form-urlencoded")]
    [InlineData("User-Agent: Mozilla/5.0 (X11)\r\nContent-Type: application/json")]
    public async Task The_balancers_own_page_and_programs_can_change_something(string fields)
    {
        await using ControlServer server = await ControlServer.StartAsync();
        string[] all = fields.Replace("HOST", server.Front.Plane.Endpoint.ToString()).Split("\r\n");
        Assert.Equal(200, (await server.CallAsync("POST /add", all, One)).Status);
    }

    [Theory]
    [InlineData("GET /rep", 200)]
    [InlineData("GET /edge/status", 200)]
    [InlineData("GET /heartbeat", 200)]
    [InlineData("POST /add", 403)]
    [InlineData("OPTIONS /add", 403)]
    [InlineData("OPTIONS /rep", 403)]
    public async Task No_answer_lets_another_page_read_it(string line, int status)
    {
        await using ControlServer server = await ControlServer.StartAsync();
        Message answer = await server.CallAsync(line, ["Origin: http://evil.example", "Access-Control-Request-Method: POST"], "");
        Assert.Equal(status, answer.Status);
        Assert.DoesNotContain("Access-Control-", answer.Head, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Authorization: Bearer secret", 200)]
    [InlineData("authorization:bearer   secret", 200)]
    [InlineData("Authorization: Bearer Secret", 401)]
    [InlineData("Authorization: Bearer secre", 401)]
    [InlineData("Authorization: Bearer secrets", 401)]
    [InlineData("Authorization: Bearer", 401)]
    [InlineData("Authorization: Basic secret", 401)]
    [InlineData("Authorization: Bearer secret\r\nAuthorization: Bearer secret", 401)]
    [InlineData("Authorization: Bearer wrong\r\nAuthorization: Bearer secret", 401)]
    [InlineData("X-Authorization: Bearer secret", 401)]
    [InlineData("Cookie: token=secret", 401)]
    public async Task With_a_token_every_caller_needs_it_from_loopback_too(string fields, int status)
    {
        await using ControlServer server = await ControlServer.StartAsync("secret");
        foreach ((string line, string body) in new[] { ("GET /rep", ""), ("GET /edge/status", ""), ("POST /add", One), ("DELETE /rm", One) })
        {
            Message answer = await server.CallAsync(line, fields.Split("\r\n"), body);
            Assert.Equal(status, answer.Status);
            Assert.Equal(status == 401 ? "Bearer" : null, answer.Field("WWW-Authenticate"));
            if (status == 401)
            {
                // Said of what was sent, and never what would be right.
                bool sentOne = fields.StartsWith("Authorization:", StringComparison.Ordinal);
                AssertRefused(answer, 401, sentOne ? "<Error> the token is wrong: " : "<Error> no token was sent: ");
                Assert.DoesNotContain("secret", answer.Text, StringComparison.OrdinalIgnoreCase);
            }
        }

        Assert.Equal(3, server.Running.Count);
        Assert.Equal(401, (await server.CallAsync("GET /rep?token=secret&access_token=secret")).Status);
        Assert.Equal(200, (await server.CallAsync("GET /heartbeat")).Status);
    }

    [Fact]
    public async Task A_token_may_have_letters_of_any_language_and_be_long()
    {
        string longest = new string('ü', Limits.TokenBytes / 2 - 1) + "xy";
        await using ControlServer server = await ControlServer.StartAsync(longest);
        Assert.Equal(200, (await server.CallAsync("GET /rep", [$"Authorization: Bearer {Utf8(longest)}"])).Status);
        Assert.Equal(401, (await server.CallAsync("GET /rep", [$"Authorization: Bearer {Utf8(longest)}z"])).Status);
        Assert.Equal(401, (await server.CallAsync("GET /rep", [$"Authorization: Bearer {Utf8(longest[..^1])}z"])).Status);
        Assert.Equal(401, (await server.CallAsync("GET /rep", [$"Authorization: Bearer {longest}"])).Status);
    }

    [Fact]
    public async Task Another_token_holds_at_once()
    {
        await using ControlServer server = await ControlServer.StartAsync("first");
        server.Authorization.Change("second", []);
        Assert.Equal(401, (await server.CallAsync("GET /rep", ["Authorization: Bearer first"])).Status);
        Assert.Equal(200, (await server.CallAsync("GET /rep", ["Authorization: Bearer second"])).Status);
    }

    [Fact]
    public async Task Wrong_tokens_are_looked_at_ten_times_and_then_one_each_six_seconds()
    {
        await using ControlServer server = await ControlServer.StartAsync("secret");
        for (int i = 0; i < Limits.AttemptsInARow; i++)
        {
            Assert.Equal(200, (await server.CallAsync("GET /rep", ["Authorization: Bearer secret"])).Status);
            Assert.Equal(401, (await server.CallAsync("GET /rep", ["Authorization: Bearer wrong"])).Status);
        }

        // The right one waits as well, or guessing would go on.
        foreach (string token in new[] { "wrong", "secret" })
        {
            Message answer = await server.CallAsync("POST /add", [$"Authorization: Bearer {token}"], One);
            AssertRefused(answer, 429, "<Error> too many wrong tokens came from 127.0.0.1; the next one is looked at in 6 s");
            Assert.Equal("6", answer.Field("Retry-After"));
        }

        // A caller without any token is told what is missing. The heartbeat needs no token.
        Assert.Equal(401, (await server.CallAsync("GET /rep")).Status);
        Assert.Equal(200, (await server.CallAsync("GET /heartbeat")).Status);
        server.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(200, (await server.CallAsync("POST /add", ["Authorization: Bearer secret"], One)).Status);
        Assert.Equal(401, (await server.CallAsync("GET /rep", ["Authorization: Bearer wrong"])).Status);
        Assert.Equal(429, (await server.CallAsync("GET /rep", ["Authorization: Bearer secret"])).Status);
    }

    [Fact]
    public async Task A_control_address_has_the_own_paths_and_the_public_one_forwards_every_path()
    {
        await using ControlServer server = await ControlServer.StartAsync(change: s => s with { Control = new() { Listen = "127.0.0.2:0" } });
        IPEndPoint control = server.Front.Plane.ControlEndpoint!;
        Assert.NotEqual(server.Front.Plane.Endpoint, control);
        foreach (string line in new[] { "GET /rep", "POST /add", "DELETE /rm", "GET /heartbeat", "GET /edge/status", "GET /home" })
        {
            Message forwarded = await server.CallAsync(line);
            Assert.Equal((200, line + " HTTP/1.1"), (forwarded.Status, forwarded.Text));
        }

        Assert.Equal(200, (await server.CallAsync("GET /rep", to: control)).Status);
        Assert.Equal(200, (await server.CallAsync("GET /edge/status", to: control)).Status);
        Assert.Equal(200, (await server.CallAsync("GET /heartbeat", to: control)).Status);
        AssertRefused(await server.CallAsync("GET /home", to: control), 404, "<Error> the balancer has no path '/home'");
        Assert.Equal(200, (await server.CallAsync("POST /add", body: One, to: control)).Status);
        Assert.Equal(4, server.Running.Count);
    }

    [Theory]
    [InlineData("//rep")]
    [InlineData("/REP")]
    [InlineData("/%72ep")]
    [InlineData("/rep/")]
    [InlineData("/./rep")]
    [InlineData("/x/../rep")]
    [InlineData("/rep;x")]
    [InlineData("/edge")]
    [InlineData("/EDGE/status")]
    public async Task A_path_that_is_not_written_like_the_own_ones_is_forwarded_as_it_is(string path)
    {
        await using ControlServer server = await ControlServer.StartAsync();
        Assert.Equal($"GET {path} HTTP/1.1", (await server.CallAsync($"GET {path}")).Text);
    }

    [Fact]
    public async Task Each_change_leaves_a_line_with_who_what_and_the_result()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await server.CallAsync("POST /add", body: "{\"n\":1,\"hostnames\":[\"a\"]}");
        await server.CallAsync("POST /add", body: "{\"m\":1}");
        server.Authorization.Change("secret-1", []);
        await server.CallAsync("DELETE /rm", ["Authorization: Bearer secret-1"], "{\"n\":1,\"hostnames\":[\"b\"]}");
        await server.CallAsync("DELETE /rm", ["Authorization: Bearer secret-2"], One);
        await server.CallAsync("DELETE /rm", body: One);
        await server.CallAsync("POST /edge/drill", ["Authorization: Bearer secret-1"], "{\"replica\":\"server_1\",\"fault\":\"kill\"}");
        string[] lines = [.. server.Log.Split('\n').Where(l => l.Contains(" call_")).Select(l => l[(l.IndexOf(' ') + 1)..])];
        Assert.Equal(
            [
                "info call_add peer=127.0.0.1 by=loopback n=1 hostnames=a result=done",
                "info call_add peer=127.0.0.1 by=loopback result=\"'m' is unknown; allowed are n, hostnames and weight\"",
                "info call_rm peer=127.0.0.1 by=token n=1 hostnames=b result=\"hostname 'b' is no replica\"",
                "warning call_refused peer=127.0.0.1 method=DELETE path=/rm status=401 why=TokenWrong left_out=0",
                "warning call_refused peer=127.0.0.1 method=DELETE path=/rm status=401 why=TokenNeeded left_out=0",
                "info call_drill peer=127.0.0.1 by=token result=\"drills are off; Edge:Control:Drill=true (EDGE__CONTROL__DRILL) allows them\"",
            ],
            lines);
        Assert.DoesNotContain("secret", server.Log);
    }

    [Fact]
    public async Task Strangers_cannot_fill_the_log()
    {
        await using ControlServer server = await ControlServer.StartAsync("secret");
        for (int i = 0; i < 50; i++)
        {
            await server.CallAsync("GET /edge/" + new string('x', 1000));
        }

        Assert.Equal(Limits.RefusalLinesInARow, Lines());
        Assert.All(server.Log.Split('\n'), line => Assert.True(line.Length < 500));
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.CallAsync("GET /rep");
        Assert.Equal(Limits.RefusalLinesInARow + 1, Lines());
        Assert.Contains("path=/rep status=401 why=TokenNeeded left_out=30\n", server.Log);

        int Lines() => server.Log.Split('\n').Count(l => l.Contains(" call_refused "));
    }

    [Fact]
    public async Task The_status_and_the_answers_do_not_show_the_token()
    {
        await using ControlServer server = await ControlServer.StartAsync("s3cret-token");
        Message status = await server.CallAsync("GET /edge/status", ["Authorization: Bearer s3cret-token"]);
        Assert.Equal(200, status.Status);
        Message denied = await server.CallAsync("GET /edge/status", ["Authorization: Bearer s3cret-toke"]);
        Assert.Equal(401, denied.Status);
        Assert.DoesNotContain("s3cret", status.Head + status.Text + denied.Head + denied.Text);
    }

    [Fact]
    public async Task A_body_over_64_KiB_is_refused_however_it_is_framed()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        string large = new(' ', Limits.ControlBodyBytes + 1);
        Assert.Equal(413, (await server.CallAsync("POST /add", body: large)).Status);
        string chunked = $"POST /add HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n{large.Length:x}\r\n{large}\r\n0\r\n\r\n";
        Assert.Equal(413, (await server.Front.AskAsync(chunked)).Status);
        string deep = new string('[', 2000) + new string(']', 2000);
        AssertRefused(await server.CallAsync("POST /add", body: deep), 400, "<Error> the body is not JSON");
        Assert.Equal(3, server.Running.Count);
    }

    [Fact]
    public async Task A_body_that_comes_at_once_is_read_to_its_end()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        string padded = One + new string(' ', Limits.ControlBodyBytes - One.Length);
        Assert.Equal(200, (await server.CallAsync("POST /add", body: padded)).Status);
        string chunked = $"POST /add HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n{padded.Length:x}\r\n{padded}\r\n0\r\n\r\n";
        Assert.Equal(200, (await server.Front.AskAsync(chunked)).Status);
        Assert.Equal(5, server.Running.Count);
    }

    private static void AssertRefused(Message answer, int status, string why)
    {
        Assert.Equal(status, answer.Status);
        Assert.Equal("application/json", answer.Field("Content-Type"));
        Assert.StartsWith("{\"message\":\"" + why, answer.Text, StringComparison.Ordinal);
        Assert.EndsWith("\"status\":\"failure\"}", answer.Text, StringComparison.Ordinal);
    }

    // One character a byte, as the wire sends it.
    private static string Utf8(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
