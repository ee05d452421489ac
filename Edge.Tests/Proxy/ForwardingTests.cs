using Edge.Config;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

public class ForwardingTests
{
    [Fact]
    public async Task A_request_reaches_the_replica_and_its_answer_the_client()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        Message answer = await balancer.AskAsync("GET /a%2Fb?q=%20 HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n\r\n");
        Assert.Equal(200, answer.Status);
        Assert.Equal("server_1", answer.Field("X-Edge-Replica"));
        Assert.NotNull(answer.Field("Date"));
        Assert.Equal(
            "GET /a%2Fb?q=%20 HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\nX-Forwarded-For: 127.0.0.1\r\n"
            + "X-Forwarded-Proto: http\r\nX-Forwarded-Host: example.org\r\n\r\n", answer.Text);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("PATCH")]
    [InlineData("PROPFIND")]
    [InlineData("X-ANYTHING")]
    public async Task Every_method_is_forwarded(string method)
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        Message answer = await balancer.AskAsync($"{method} / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.StartsWith($"{method} / HTTP/1.1\r\n", answer.Text);
    }

    [Fact]
    public async Task Requests_go_round_the_replicas()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo), new Backend(Scripts.Echo), new Backend(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        var counts = new Dictionary<string, int>();
        for (int i = 0; i < 30; i++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            string replica = (await client.ReadMessageAsync()).Field("X-Edge-Replica")!;
            counts[replica] = counts.GetValueOrDefault(replica) + 1;
        }

        Assert.Equal(3, counts.Count);
        Assert.All(counts.Values, n => Assert.Equal(10, n));
    }

    [Fact]
    public async Task Hop_by_hop_fields_and_those_that_Connection_names_stay_behind()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        Message answer = await balancer.AskAsync(
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nTE: gzip\r\nUpgrade: x\r\n"
            + "Proxy-Connection: close\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Kept: yes\r\n\r\n");
        Assert.Equal(
            "GET / HTTP/1.1\r\nHost: h\r\nX-Kept: yes\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: h\r\n\r\n",
            answer.Text);
    }

    [Fact]
    public async Task A_trusted_proxys_word_is_appended_to()
    {
        await using var balancer = new TestBalancer(
            s => s with { Forwarding = new() { TrustedProxies = ["127.0.0.0/8"], Via = "edge", ViaToReplicas = true } }, null, new Backend(Scripts.Echo));
        Message answer = await balancer.AskAsync(
            "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\n\r\n");
        Assert.Contains("X-Forwarded-For: 6.6.6.6, 127.0.0.1\r\n", answer.Text);
        Assert.Contains("X-Forwarded-Proto: https\r\n", answer.Text);
        Assert.Contains("Via: 1.1 edge\r\n", answer.Text);
        Assert.Equal("1.1 edge", answer.Field("Via"));
    }

    [Fact]
    public async Task Via_is_for_clients_unless_replicas_are_to_have_it_too()
    {
        await using var balancer = new TestBalancer(s => s with { Forwarding = new() { Via = "edge" } }, null, new Backend(Scripts.Echo));
        Message answer = await balancer.AskAsync("GET / HTTP/1.1\r\nHost: h\r\nVia: 1.1 front\r\n\r\n");
        Assert.Equal("1.1 edge", answer.Field("Via"));
        Assert.Contains("\r\nVia: 1.1 front\r\n", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("1.1 edge", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Pass", false, null, null)]
    [InlineData("Make", true, "own", "own")]
    [InlineData("Make", false, "own", null)]
    public async Task Ids_that_Connection_names_end_here_and_Edges_own_are_made(string policy, bool startsTraces, string? id, string? trace)
    {
        const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using var balancer = new TestBalancer(
            s => s with { Forwarding = new() { RequestId = Enum.Parse<RequestIdRule>(policy), StartTraces = startsTraces } }, null, new Backend(Scripts.Echo));
        Message answer = await balancer.AskAsync(
            $"GET / HTTP/1.1\r\nHost: h\r\nConnection: X-Request-ID, Traceparent\r\nX-Request-ID: mine\r\ntraceparent: {Trace}\r\n\r\n");
        Assert.DoesNotContain("mine", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Trace, answer.Text, StringComparison.Ordinal);
        Assert.Equal(
            (id is not null, trace is not null),
            (answer.Text.Contains("X-Request-ID: ", StringComparison.Ordinal), answer.Text.Contains("traceparent: 00-", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Names_with_underscores_go_on_unless_they_are_to_be_removed_or_disguise_others(bool removes)
    {
        await using var balancer = new TestBalancer(
            s => s with { Forwarding = new() { Underscores = removes ? UnderscoreRule.Remove : UnderscoreRule.Pass } }, null, new Backend(Scripts.Echo));
        Message answer = await balancer.AskAsync(
            "GET / HTTP/1.1\r\nHost: h\r\nx_y: 1\r\nX_Request_ID: 2\r\nUser_Agent: 3\r\nX_Forwarded_For: 4\r\nMy_Own-Field: 5\r\nA: b\r\n\r\n");
        string[] there = [.. answer.Text.Split("\r\n").Where(l => l.Contains('_', StringComparison.Ordinal))];
        Assert.Equal(removes ? [] : ["x_y: 1", "My_Own-Field: 5"], there);
        Assert.Contains("\r\nA: b\r\n", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Connection: TE\r\nTE: trailers\r\n", "TE: trailers\r\nConnection: TE\r\n")]
    [InlineData("TE: gzip;q=0.5\r\nConnection: te, close\r\nTE: , Trailers\r\n", "TE: trailers\r\nConnection: TE\r\n")]
    [InlineData("Connection: TE\r\nTE: gzip, deflate\r\n", "")]
    [InlineData("Connection: TE\r\nTE:\r\n", "")]
    public async Task A_replica_is_told_that_its_trailers_are_taken_and_nothing_else_of_TE(string sent, string told)
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        Message answer = await balancer.AskAsync($"GET / HTTP/1.1\r\nHost: h\r\n{sent}\r\n");
        Assert.Equal($"GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: h\r\n{told}\r\n", answer.Text);
    }

    [Fact]
    public async Task A_client_that_names_TE_keeps_the_trailers_of_its_own_request()
    {
        var seen = new TaskCompletionSource<Message>();
        await using var balancer = new TestBalancer(new Backend(async wire =>
        {
            seen.SetResult(await wire.ReadMessageAsync());
            await wire.SendAsync(Scripts.Ok);
        }));
        await balancer.AskAsync(
            "POST / HTTP/1.1\r\nHost: h\r\nConnection: TE\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nChecksum: 1\r\n\r\n");
        Assert.Equal("Checksum: 1\r\n\r\n", (await seen.Task).Trailers);
    }

    [Fact]
    public async Task The_absolute_form_becomes_the_origin_form_and_its_host_wins()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        Message answer = await balancer.AskAsync("GET http://one.example:80/p?q HTTP/1.1\r\nHost: two.example\r\n\r\n");
        Assert.StartsWith("GET /p?q HTTP/1.1\r\nHost: one.example:80\r\n", answer.Text);
        Assert.DoesNotContain("two.example", answer.Text);
    }

    [Theory]
    [InlineData(false, 405)]
    [InlineData(true, 501)]
    public async Task CONNECT_is_refused_as_the_options_say(bool isUnknown, int status)
    {
        await using var balancer = new TestBalancer(
            s => s with { Forwarding = new() { ConnectStatus = isUnknown ? 501 : 405 } }, null, new Backend(Scripts.Echo));
        Message answer = await balancer.AskAsync("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n");
        Assert.Equal(status, answer.Status);
        Assert.Equal("close", answer.Field("Connection"));
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo), new Backend(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        string all = string.Concat(Enumerable.Range(0, 50).Select(i => $"POST /{i} HTTP/1.1\r\nHost: h\r\nContent-Length: {i}\r\n\r\n{new string('x', i)}"));
        Task sending = client.SendAsync(all);
        for (int i = 0; i < 50; i++)
        {
            Message answer = await client.ReadMessageAsync();
            Assert.StartsWith($"POST /{i} ", answer.Text);
            Assert.EndsWith("\r\n\r\n" + new string('x', i), answer.Text);
        }

        await sending;
    }

    [Fact]
    public async Task A_request_that_comes_byte_by_byte_is_understood()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        foreach (char c in "POST /slow HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n")
        {
            await client.SendAsync(c.ToString());
            await Task.Yield();
        }

        Message answer = await client.ReadMessageAsync();
        Assert.StartsWith("POST /slow HTTP/1.1\r\n", answer.Text);
        Assert.EndsWith("abcX-T: 1\r\n\r\n", answer.Text);
    }

    [Fact]
    public async Task An_answer_that_comes_byte_by_byte_is_understood()
    {
        await using var balancer = new TestBalancer(s => s with { Forwarding = new() { Via = "" } }, null, new Backend(Scripts.Dribble(
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;e=1\r\nhi\r\n0\r\nX-T: 1\r\n\r\n")));
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            Message early = await client.ReadMessageAsync();
            Assert.Equal("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", early.Head);
            Message answer = await client.ReadMessageAsync();
            Assert.Equal("hi", answer.Text);
            Assert.Equal("X-T: 1\r\n\r\n", answer.Trailers);
        }
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_gets_no_chunks_and_no_interim_responses()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Always(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n")));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        string all = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", all);
        Assert.DoesNotContain("chunked", all);
        Assert.Contains("Connection: close\r\n", all);
        Assert.EndsWith("\r\n\r\nhi!", all);
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_may_keep_its_connection()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            Message answer = await client.ReadMessageAsync();
            Assert.Equal("keep-alive", answer.Field("Connection"));
            Assert.StartsWith($"GET / HTTP/1.1\r\nHost: {balancer.Plane.Endpoint}\r\n", answer.Text);
        }
    }

    [Fact]
    public async Task A_response_that_ends_with_its_connection_ends_the_clients()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Always("HTTP/1.1 200 OK\r\n\r\nall of it", thenClose: true)));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        string all = await client.ReadToEndAsync();
        Assert.Contains("Connection: close\r\n", all);
        Assert.EndsWith("\r\n\r\nall of it", all);
    }

    [Theory]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", "500")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\n\r\n", null)]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", "500")]
    public async Task Responses_without_a_body_leave_the_connection_usable(string method, string response, string? length)
    {
        var backend = new Backend(Scripts.Always(response));
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, backend);
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync($"{method} / HTTP/1.1\r\nHost: h\r\n\r\n");
            Message answer = await client.ReadMessageAsync(bodiless: true);
            Assert.Equal(response[9..12], answer.Status.ToString());
            Assert.Equal(length, answer.Field("Content-Length"));
        }

        Assert.Equal(1, backend.Connections);
    }

    [Fact]
    public async Task A_client_that_waits_for_100_gets_it_from_the_replica()
    {
        await using var balancer = new TestBalancer(new Backend(async wire =>
        {
            string head = await wire.ReadHeadAsync();
            Assert.Contains("Expect: 100-continue", head);
            await wire.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            string body = System.Text.Encoding.ASCII.GetString(await wire.ReadExactlyAsync(5));
            await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{body}");
        }));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, (await client.ReadMessageAsync(bodiless: true)).Status);
        await client.SendAsync("hello");
        Assert.Equal("hello", (await client.ReadMessageAsync()).Text);
    }

    [Fact]
    public async Task A_client_that_sends_no_more_still_gets_its_answer()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Echo));
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("GET /half HTTP/1.1\r\nHost: h\r\n\r\n");
        client.Finish();
        Assert.Contains("GET /half HTTP/1.1", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Connections_to_the_replica_are_used_again()
    {
        var backend = new Backend(Scripts.Echo);
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, backend);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(200, (await balancer.GetAsync()).Status);
        }

        Assert.Equal(1, backend.Connections);
    }

    [Fact]
    public async Task A_connection_with_surplus_bytes_is_never_used_again()
    {
        var backend = new Backend(Scripts.Always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"));
        await using var balancer = new TestBalancer(s => s with { Loops = 1 }, null, backend);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("ok", (await balancer.GetAsync()).Text);
        }

        Assert.Equal(5, backend.Connections);
    }
}
