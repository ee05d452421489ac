using Edge.Cli;
using Edge.Tests.Fleet;

namespace Edge.Tests.Cli;

public sealed class DeployVerbTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
    }

    [Theory]
    [InlineData("shop:1.4", "POST /edge/services/default/deploy", """{"image":"shop:1.4","wait":false}""")]
    [InlineData(
        "shop:1.4 --canary 0 --no-judge --force --pull --service blog", "POST /edge/services/blog/deploy",
        """{"image":"shop:1.4","canary":0,"judge":false,"wait":false,"force":true,"pull":true}""")]
    [InlineData("status", "GET /edge/services/default/deploy", "")]
    [InlineData("rollback --service blog", "POST /edge/services/blog/deploy/rollback", "")]
    public async Task Its_first_call_says_what_is_wanted(string arguments, string line, string body)
    {
        await using var server = new TinyServer(_ => TinyServer.Response(200, Deploy("done")));
        await RunAsync(arguments, server);
        Assert.StartsWith(line + " HTTP/1.1\r\n", server.Requests.First(), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + body, server.Requests.First(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("done", ExitCodes.Ok)]
    [InlineData("retiring", ExitCodes.Ok)]
    [InlineData("reverted", ExitCodes.Refused)]
    [InlineData("paused", ExitCodes.Refused)]
    public async Task It_prints_each_step_once_until_the_deploy_is_decided_and_ends_as_that_went(string end, int code)
    {
        string[] states = ["pulling", "canary", "canary", "filling", end];
        int asked = -1;
        await using var server = new TinyServer(_ => TinyServer.Response(++asked == 0 ? 202 : 200, Deploy(states[..(asked + 1)])));
        Assert.Equal(code, await RunAsync("shop:1.4", server));
        Assert.Equal(states, Steps());
        Assert.Equal(end == "reverted" ? "its last lines:\n  no database\n" : "", _errors.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_rollback_is_well_when_the_old_version_serves_and_only_its_own_steps_are_printed()
    {
        string[] states = ["pulling", "done", "reverting", "reverted"];
        int asked = 2;
        await using var server = new TinyServer(_ => TinyServer.Response(200, Deploy(states[..++asked])));
        Assert.Equal(ExitCodes.Ok, await RunAsync("rollback", server));
        Assert.Equal(["reverting", "reverted"], Steps());
    }

    [Fact]
    public async Task It_does_not_wait_where_that_is_not_wanted_and_prints_the_answer_as_it_came()
    {
        await using var server = new TinyServer(_ => TinyServer.Response(202, Deploy("pulling")));
        Assert.Equal(ExitCodes.Ok, await RunAsync("shop:1.4 --detach", server));
        Assert.Equal(["pulling"], Steps());
        _output.GetStringBuilder().Clear();
        Assert.Equal(ExitCodes.Ok, await RunAsync("shop:1.4 --json", server));
        Assert.Equal(Deploy("pulling"), _output.ToString().TrimEnd());
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_balancer_that_is_away_for_a_moment_is_asked_again()
    {
        int asked = -1;
        await using var server = new TinyServer(_ => ++asked switch
        {
            0 => TinyServer.Response(202, Deploy("pulling")),
            1 => TinyServer.Response(503, """{"message":"<Error> a moment","status":"failure"}"""),
            _ => TinyServer.Response(200, Deploy("pulling", "done")),
        });
        Assert.Equal(ExitCodes.Ok, await RunAsync("shop:1.4", server));
        Assert.Equal(["pulling", "done"], Steps());
    }

    [Fact]
    public async Task A_refusal_is_told_and_so_is_that_nothing_was_deployed()
    {
        await using var refusing = new TinyServer(_ => TinyServer.Response(409, """{"message":"<Error> no","status":"failure"}"""));
        Assert.Equal(ExitCodes.Refused, await RunAsync("shop:1.4", refusing));
        Assert.Equal("edge: <Error> no (409)", _errors.ToString().TrimEnd());
        await using var server = new TinyServer(_ => TinyServer.Response(200, Deploy()));
        Assert.Equal(ExitCodes.Ok, await RunAsync("status", server));
        Assert.Equal("nothing was deployed since the balancer started", _output.ToString().TrimEnd());
    }

    [Theory]
    [InlineData("", "edge deploy needs one image, or one of status, pause, resume, promote, abort, rollback; see edge deploy --help")]
    [InlineData("a b", "edge deploy needs one image, or one of status, pause, resume, promote, abort, rollback; see edge deploy --help")]
    [InlineData("a --canary 51", "--canary is \"51\"; allowed is an integer from 0 to 50")]
    [InlineData("a --weight 1", "--weight is not understood by edge deploy; --wait is one of its arguments")]
    public void Arguments_that_make_no_sense_are_told(string arguments, string mistake)
    {
        Assert.Null(ClientArguments.Parse("deploy", arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), out string told));
        Assert.StartsWith(mistake.Split(';')[0], told, StringComparison.Ordinal);
    }

    private static string Deploy(params string[] states)
    {
        IEnumerable<string> steps = states.Select((state, i) => $$"""{"at":"2030-01-01T00:00:0{{i}}+00:00","state":"{{state}}","why":"as it is"}""");
        string lines = states.LastOrDefault() == "reverted" ? "\"no database\"" : "";
        return $$"""
            {"message":{"state":"{{states.LastOrDefault() ?? "none"}}","why":null,"image":"shop:1.4","imageId":null,"was":null,
            "generation":2,"size":1,"canary":10,"judge":true,"judged":null,"new":[],"old":[],
            "begun":null,"keptUntil":null,"steps":[{{string.Join(',', steps)}}],"lastLines":[{{lines}}]},"status":"successful"}
            """;
    }

    private string[] Steps() => [.. _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split("  ")[1].Trim())];

    private Task<int> RunAsync(string arguments, TinyServer server)
    {
        ClientArguments parsed = ClientArguments.Parse("deploy", arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), out string mistake)!;
        Assert.Equal("", mistake);
        var client = new Client(_output, _errors, Terminal.None);
        return client.RunAsync(parsed, new ClientTarget(server.Url, ""), TestContext.Current.CancellationToken);
    }
}
