using Edge.Cli;
using Edge.Config;
using Edge.Tests.Fleet;

namespace Edge.Tests.Cli;

public sealed class ClientTests : IDisposable
{
    private const string List = """{"message":{"N":2,"replicas":["server_1","server_2"]},"status":"successful"}""";
    private const string Failure = """{"message":"<Error> no","status":"failure"}""";

    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
    }

    [Theory]
    [InlineData("rep", "", "GET /rep", "")]
    [InlineData("add", "-n 2", "POST /add", """{"n":2,"hostnames":[]}""")]
    [InlineData("add", "", "POST /add", """{"n":1,"hostnames":[]}""")]
    [InlineData("add", "a b --weight 3", "POST /add", """{"n":2,"hostnames":["a","b"],"weight":3}""")]
    [InlineData("rm", "a -n 2", "DELETE /rm", """{"n":2,"hostnames":["a"]}""")]
    public async Task A_verb_is_one_call_and_prints_a_name_a_line(string verb, string arguments, string line, string body)
    {
        await using var server = new TinyServer(_ => TinyServer.Response(200, List));
        Assert.Equal(ExitCodes.Ok, await RunAsync(verb, arguments, server.Url, "secret"));
        string request = Assert.Single(server.Requests);
        Assert.StartsWith(line + " HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer secret\r\n", request, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + body, request, StringComparison.Ordinal);
        Assert.Equal("server_1\nserver_2\n", _output.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task The_answer_is_printed_as_it_came_where_asked_for()
    {
        await using var server = new TinyServer(_ => TinyServer.Response(200, List));
        await RunAsync("rep", "--json", server.Url);
        Assert.Equal(List, _output.ToString().TrimEnd());
    }

    [Fact]
    public async Task A_refusal_is_told_and_ends_with_1()
    {
        await using var server = new TinyServer(_ => TinyServer.Response(409, Failure));
        Assert.Equal(ExitCodes.Refused, await RunAsync("add", "a", server.Url));
        Assert.Equal("edge: <Error> no (409)", _errors.ToString().TrimEnd());
    }

    [Fact]
    public async Task An_answer_that_is_not_a_balancers_is_told_and_ends_with_1()
    {
        await using var server = new TinyServer(_ => TinyServer.Response(200, "<html>"));
        Assert.Equal(ExitCodes.Refused, await RunAsync("rep", "", server.Url));
        Assert.Contains("not a balancer's: <html>", _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_balancer_that_is_not_there_ends_with_69()
    {
        var server = new TinyServer(_ => null);
        await server.DisposeAsync();
        Assert.Equal(ExitCodes.Unavailable, await RunAsync("healthcheck", "", server.Url));
        Assert.Equal(
            $"edge: {server.Url} cannot be reached: Connection refused (the default address; --url or EDGE_URL names another)", _errors.ToString().TrimEnd());
    }

    [Theory]
    [InlineData(200, ExitCodes.Ok)]
    [InlineData(503, ExitCodes.Refused)]
    public async Task A_health_check_is_a_heartbeat(int status, int code)
    {
        await using var server = new TinyServer(_ => TinyServer.Response(status));
        Assert.Equal(code, await RunAsync("healthcheck", "", server.Url));
        Assert.StartsWith("GET /heartbeat ", Assert.Single(server.Requests), StringComparison.Ordinal);
        Assert.Empty(_output.ToString());
    }

    [Theory]
    [InlineData("status")]
    [InlineData("top")]
    public async Task The_status_is_a_table(string verb)
    {
        await using var server = new TinyServer(_ => TinyServer.Response(200, Statuses.One));
        Assert.Equal(ExitCodes.Ok, await RunAsync(verb, "", server.Url));
        Assert.StartsWith("GET /edge/status ", Assert.Single(server.Requests), StringComparison.Ordinal);
        Assert.Equal(Statuses.Table, _output.ToString().TrimEnd());
    }

    [Fact]
    public async Task Certificates_are_a_table_and_the_status_has_those_to_look_at()
    {
        await using var server = new TinyServer(_ => TinyServer.Response(200, Statuses.WithTls));
        Assert.Equal(ExitCodes.Ok, await RunAsync("certificates", "", server.Url));
        Assert.StartsWith("GET /edge/status ", Assert.Single(server.Requests), StringComparison.Ordinal);
        Assert.Equal(Statuses.CertificateTable, _output.ToString().TrimEnd());
        _output.GetStringBuilder().Clear();
        Assert.Equal(ExitCodes.Ok, await RunAsync("status", "", server.Url));
        Assert.Equal(Statuses.Table + "\n" + Statuses.TlsLines, _output.ToString().TrimEnd());
    }

    [Fact]
    public async Task A_balancer_without_certificates_is_said_to_have_none()
    {
        await using var server = new TinyServer(_ => TinyServer.Response(200, Statuses.One));
        Assert.Equal(ExitCodes.Ok, await RunAsync("certificates", "", server.Url));
        Assert.Equal("there is no certificate: this balancer serves no https", _output.ToString().TrimEnd());
    }

    [Fact]
    public async Task A_removal_says_which_ones_went_beside_the_list_of_those_that_are_left()
    {
        const string Removal = """
            {"message":{"N":1,"replicas":["server_1"]},"status":"successful","drained":[
            {"name":"server_2","finished":3,"retried":1,"cut":0,"longestMilliseconds":40,"exitCode":0,"outOfMemory":false}]}
            """;
        await using var server = new TinyServer(_ => TinyServer.Response(200, Removal));
        Assert.Equal(ExitCodes.Ok, await RunAsync("rm", "", server.Url));
        Assert.EndsWith("\r\n\r\n" + """{"n":1,"hostnames":[]}""", Assert.Single(server.Requests), StringComparison.Ordinal);
        Assert.Equal("server_1", _output.ToString().TrimEnd());
        Assert.Equal("removed server_2 (its last requests: 3 finished, 1 sent to another replica, 0 cut)", _errors.ToString().TrimEnd());
    }

    [Theory]
    [InlineData("""["Edge:Health:Fall","Edge:Forwarding:Via"]""", "read again; changed: Edge:Health:Fall, Edge:Forwarding:Via")]
    [InlineData("[]", "read again; nothing has changed")]
    public async Task A_reload_says_what_changed(string changed, string told)
    {
        await using var server = new TinyServer(_ => TinyServer.Response(200, "{\"message\":{\"changed\":" + changed + "},\"status\":\"successful\"}"));
        Assert.Equal(ExitCodes.Ok, await RunAsync("reload", "", server.Url));
        Assert.StartsWith("POST /edge/reload ", Assert.Single(server.Requests), StringComparison.Ordinal);
        Assert.Equal(told, _output.ToString().TrimEnd());
    }

    [Fact]
    public async Task A_reload_that_is_refused_says_why_and_ends_with_1()
    {
        const string CallRefusal = """{"message":"<Error> the options are as before: Edge:Loops cannot change","status":"failure"}""";
        await using var server = new TinyServer(_ => TinyServer.Response(409, CallRefusal));
        Assert.Equal(ExitCodes.Refused, await RunAsync("reload", "", server.Url));
        Assert.Equal("edge: <Error> the options are as before: Edge:Loops cannot change (409)", _errors.ToString().TrimEnd());
    }

    [Theory]
    [InlineData("rep", "", null, "no token was found: set EDGE_TOKEN, or have the balancer's own options read (--config FILE)")]
    [InlineData("rep", "wrong", "EDGE_TOKEN", "the token that was sent is from EDGE_TOKEN")]
    [InlineData("reload", "wrong", "EDGE_TOKEN", "the token that was sent is from EDGE_TOKEN")]
    [InlineData("reload", "new", "FILE", "the token that was sent is from FILE; where that is new, set EDGE_TOKEN to the one that the balancer still has")]
    public async Task A_caller_who_is_not_let_in_is_told_where_the_token_came_from(string verb, string token, string? origin, string told)
    {
        await using var server = new TinyServer(_ => TinyServer.Response(401, Failure));
        Assert.Equal(ExitCodes.Refused, await RunAsync(verb, "", new ClientTarget(server.Url, token) { TokenOrigin = origin }));
        Assert.Equal($"edge: <Error> no (401)\nedge: {told}", _errors.ToString().ReplaceLineEndings("\n").TrimEnd());
    }

    [Fact]
    public async Task An_address_that_was_given_needs_no_word_of_where_it_is_from()
    {
        var server = new TinyServer(_ => null);
        await server.DisposeAsync();
        Assert.Equal(ExitCodes.Unavailable, await RunAsync("rep", $"--url {server.Url}", server.Url));
        Assert.Equal($"edge: {server.Url} cannot be reached: Connection refused", _errors.ToString().TrimEnd());
    }

    [Fact]
    public async Task An_address_that_was_read_somewhere_is_told_with_where()
    {
        var server = new TinyServer(_ => null);
        await server.DisposeAsync();
        Assert.Equal(ExitCodes.Unavailable, await RunAsync("rep", "", new ClientTarget(server.Url, "") { UrlOrigin = "EDGE__LISTEN" }));
        Assert.Equal($"edge: {server.Url} cannot be reached: Connection refused (the address is from EDGE__LISTEN)", _errors.ToString().TrimEnd());
    }

    [Theory]
    [InlineData("rep", "x", "x is not understood by edge rep")]
    [InlineData("rep", "--jsn", "--jsn is not understood by edge rep; --json is one of its arguments")]
    [InlineData("reload", "x", "x is not understood by edge reload")]
    [InlineData("add", "--wieght=3", "--wieght is not understood by edge add; --weight is one of its arguments")]
    [InlineData("status", "--config", "--config needs a value")]
    [InlineData("status", "--tokn=s3cret", "--tokn is not understood by edge status; --token is one of its arguments")]
    [InlineData("rep", "-n 1", "-n is not understood by edge rep")]
    [InlineData("rm", "--weight 1", "--weight is not understood by edge rm")]
    [InlineData("add", "-n", "-n needs a value")]
    [InlineData("add", "-n 0", "-n is \"0\"; allowed is an integer from 1")]
    [InlineData("add", "--weight=257", "--weight is \"257\"; allowed is an integer from 1 to 256")]
    [InlineData("status", "--url", "--url needs a value")]
    public void Arguments_that_make_no_sense_are_told(string verb, string arguments, string mistake)
    {
        Assert.Null(ClientArguments.Parse(verb, Split(arguments), out string told));
        Assert.Equal(mistake, told);
    }

    [Theory]
    [InlineData("127.0.0.1:5000", "", "http://127.0.0.1:5000/")]
    [InlineData("*:80", "", "http://127.0.0.1/")]
    [InlineData("[::]:81", "", "http://127.0.0.1:81/")]
    [InlineData("*:80", "10.0.0.1:9000", "http://10.0.0.1:9000/")]
    [InlineData("https://*:443,http://*:81", "", "http://127.0.0.1:81/")]
    [InlineData("*:80,*:81", "*:81", "http://127.0.0.1:81/")]
    [InlineData("https://*:443", "", null)]
    [InlineData("*:80,https://*:443", "*:443", null)]
    [InlineData("https://*:443", "127.0.0.1:9000", "http://127.0.0.1:9000/")]
    public void The_options_say_where_the_balancer_is(string listen, string control, string? url) =>
        Assert.Equal(url, Client.UrlOf(new EdgeOptions { Listen = listen, Control = new ControlOptions { Listen = control } })?.ToString());

    private static string[] Split(string arguments) => arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private Task<int> RunAsync(string verb, string arguments, Uri url, string token = "") => RunAsync(verb, arguments, new ClientTarget(url, token));

    private Task<int> RunAsync(string verb, string arguments, ClientTarget target)
    {
        ClientArguments parsed = ClientArguments.Parse(verb, Split(arguments), out string mistake) ?? throw new InvalidOperationException(mistake);
        return new Client(_output, _errors, Terminal.None).RunAsync(parsed, target, TestContext.Current.CancellationToken);
    }
}
