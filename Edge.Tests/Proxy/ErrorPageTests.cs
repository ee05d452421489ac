using System.Text;
using Edge.Config;
using Edge.Http;
using Edge.Tests.Backends;
using Microsoft.Extensions.Configuration.Memory;

namespace Edge.Tests.Proxy;

/// <summary>What browsers see in the place of an error of the balancer's own: Edge:Answers:ErrorPage.</summary>
public sealed class ErrorPageTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    private LoadedOptions Load(bool readsPages = true) => OptionsLoader.Load(
        new OptionSources([], new MemoryConfigurationSource(), [$"--Edge:Answers:ErrorPage={_file}"]),
        readsPages ? OptionFileReads.AtStart : OptionFileReads.None);

    private TestBalancer Balancer(params Backend[] backends)
    {
        AnswerOptions answers = Load().Options!.Answers;
        return new(s => s with { Answers = answers, Retries = new() { Attempts = 1 } }, null, backends);
    }

    private static string Get(string accept, string method = "GET") => $"{method} / HTTP/1.1\r\nHost: h\r\n{accept}\r\n\r\n";

    [Fact]
    public async Task A_browser_gets_the_page_whole_and_its_connection_goes_on()
    {
        string page = "<!doctype html>ä" + string.Concat(Enumerable.Range(0, 9000).Select(i => $"{i:0000000}"));
        File.WriteAllText(_file, page);
        await using TestBalancer balancer = Balancer();
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync(Get("Accept: text/html,application/xhtml+xml,*/*;q=0.8", i == 1 ? "HEAD" : "GET"));
            Message answer = await client.ReadMessageAsync(bodiless: i == 1);
            Assert.Equal((503, "1", "no-store"), (answer.Status, answer.Field("Retry-After"), answer.Field("Cache-Control")));
            Assert.Equal(("text/html; charset=utf-8", $"{Encoding.UTF8.GetByteCount(page)}"), (answer.Field("Content-Type"), answer.Field("Content-Length")));
            Assert.Equal(i == 1 ? "" : page, Encoding.UTF8.GetString(answer.Body));
        }

        await client.SendAsync(Get("Accept: */*"));
        Message other = await client.ReadMessageAsync();
        Assert.Equal((503, "application/json", "1"), (other.Status, other.Field("Content-Type"), other.Field("Retry-After")));
    }

    [Fact]
    public async Task A_replica_that_fails_is_an_error_of_the_balancers_own_and_its_answer_is_not()
    {
        File.WriteAllText(_file, "sorry");
        await using TestBalancer failing = Balancer(new Backend(Scripts.ResetAfterHead));
        Message answer = await failing.AskAsync(Get("Accept: text/html"));
        Assert.Equal((502, "sorry", null), (answer.Status, answer.Text, answer.Field("Retry-After")));
        Assert.Equal(400, (await failing.AskAsync("POST / HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")).Status);
        await using TestBalancer answering = Balancer(new Backend(Scripts.Always("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nmine")));
        Assert.Equal("mine", (await answering.AskAsync(Get("Accept: text/html"))).Text);
    }

    [Theory]
    [InlineData("Accept: text/html", true)]
    [InlineData("accept: application/json, TEXT/HTML ;level=1;q=0.1", true)]
    [InlineData("Accept: a/b\r\nAccept: text/html", true)]
    [InlineData("Accept: text/html;q=0", false)]
    [InlineData("Accept: text/html; q=0.000", false)]
    [InlineData("Accept: text/html;Q=0.001", true)]
    [InlineData("Accept: text/html;q=0, text/html;level=1", true)]
    [InlineData("Accept: */*", false)]
    [InlineData("Accept: text/*", false)]
    [InlineData("Accept: text/htmlx, xtext/html, text/html+xml", false)]
    [InlineData("Accept:", false)]
    [InlineData("Accept: ,;,;;q", false)]
    [InlineData("X-Accept: text/html", false)]
    public void Only_who_names_HTML_wants_a_page(string lines, bool wants)
    {
        byte[] data = Encoding.Latin1.GetBytes(Get(lines));
        var head = new Head();
        Assert.Equal(ParseResult.Complete, HeadParser.ParseRequest(data, head));
        Assert.Equal(wants, AcceptedTypes.NameHtml(data, head));
    }

    [Fact]
    public void A_file_that_is_too_long_or_not_there_is_a_mistake_but_for_a_client_of_the_balancer()
    {
        File.WriteAllBytes(_file, new byte[Limits.ErrorPageBytes]);
        Assert.Equal(Limits.ErrorPageBytes, Load().Options!.Answers.Page!.Length);
        File.WriteAllBytes(_file, new byte[Limits.ErrorPageBytes + 1]);
        Assert.Equal("Edge:Answers:ErrorPage", Assert.Single(Load().Mistakes).Key);
        Assert.Null(Load(readsPages: false).Options!.Answers.Page);
        File.Delete(_file);
        Assert.Equal("Edge:Answers:ErrorPage", Assert.Single(Load().Mistakes).Key);
    }

    [Theory]
    [InlineData("Edge")]
    [InlineData("Edge:Services:shop")]
    public void The_page_for_maintenance_is_read_like_that_for_errors(string section)
    {
        LoadedOptions Load() => OptionsLoader.Load(
            new OptionSources(
                [], new MemoryConfigurationSource(), ["--Edge:Services:shop:Hosts:0=shop.example", $"--{section}:Answers:MaintenancePage={_file}"]));
        File.WriteAllText(_file, "back soon");
        EdgeOptions options = Load().Options!;
        ServiceOptions[] all = [options, .. options.Services];
        AnswerOptions answers = all[section == "Edge" ? 0 : 1].Answers;
        Assert.Equal(("back soon", null), (Encoding.UTF8.GetString(answers.WhileStopped!), answers.Page));

        // Taken over from the default service, and not by it.
        Assert.Equal(section == "Edge" ? 2 : 1, all.Count(one => one.Answers.WhileStopped is not null));
        File.Delete(_file);
        Assert.EndsWith(":Answers:MaintenancePage", Assert.Single(Load().Mistakes).Key, StringComparison.Ordinal);
    }
}
