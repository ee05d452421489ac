using Edge.Config;
using Edge.Hosting;
using Edge.Telemetry;
using Microsoft.Extensions.Configuration.Memory;

namespace Edge.Tests.Hosting;

public sealed class ReloadTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private readonly StringWriter _log = new();
    private readonly List<EdgeOptions> _applied = [];

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void What_changed_is_applied_and_named()
    {
        Reload reload = Start("""{"Edge": {"Control": {"Token": "first"}}}""");
        Write("""{"Edge": {"Control": {"Token": "second"}, "Health": {"Fall": 5}, "Retries": {"Statuses": [503]}}}""");
        reload.Run();
        EdgeOptions now = Assert.Single(_applied);
        Assert.Equal(("second", 5, 503), (now.Control.Token, now.Health.Fall, now.Retries.Statuses.Single()));
        Assert.Contains("info options_reloaded changed=Edge:Control:Token,Edge:Health:Fall,Edge:Retries:Statuses", _log.ToString());
        Assert.DoesNotContain("second", _log.ToString());
    }

    [Fact]
    public void The_next_reload_is_compared_with_the_last_that_was_applied()
    {
        Reload reload = Start("{}");
        Write("""{"Edge": {"Health": {"Fall": 5}}}""");
        reload.Run();
        reload.Run();
        Assert.Contains("changed=nothing", _log.ToString());
        Write("{}");
        reload.Run();
        Assert.Equal(3, _applied[^1].Health.Fall);
    }

    [Fact]
    public void Any_mistake_refuses_all_and_says_key_value_and_what_is_allowed()
    {
        Reload reload = Start("{}");
        Write("""{"Edge": {"Health": {"Fall": 5}, "Timeouts": {"Drain": "soon"}, "Control": {"Token": "s e c r e t"}}}""");
        reload.Run();
        Assert.Empty(_applied);
        string line = Assert.Single(_log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("error options_refused", line);
        Assert.Contains("Edge:Timeouts:Drain is \\\"soon\\\": allowed is longer than 0", line);
        Assert.DoesNotContain("s e c r e t", line);
    }

    [Fact]
    public void A_file_that_is_no_json_refuses_all()
    {
        Reload reload = Start("{}");
        Write("""{"Edge": """);
        reload.Run();
        Assert.Empty(_applied);
        Assert.Contains("options_refused", _log.ToString());
        Assert.Contains("cannot be read as JSON", _log.ToString());
    }

    [Fact]
    public void A_key_that_cannot_change_refuses_all_and_is_named()
    {
        Reload reload = Start("{}");
        Write("""{"Edge": {"Loops": 7, "Docker": {"Image": "other"}, "Health": {"Fall": 5}}}""");
        reload.Run();
        Assert.Empty(_applied);
        Assert.Contains("Edge:Loops,Edge:Docker:Image cannot change while the balancer runs: that needs a restart, or edge --takeover", _log.ToString());
        Assert.DoesNotContain("Edge:Health:Fall", _log.ToString());
    }

    [Theory]
    [InlineData("""{"Edge": {"Listen": "localhost:5000"}}""")]
    [InlineData("""{"Edge": {"Listen": ["HTTP://localhost:5000"]}}""")]
    [InlineData("""{"Edge": {"Fleet": {"Driver": "AUTO"}, "Docker": {"NoNewPrivileges": "True", "Processes": "04096"}}}""")]
    public void Another_spelling_of_the_same_value_is_no_change(string text)
    {
        Reload reload = Start("{}");
        Write(text);
        reload.Run();
        Assert.Contains("options_reloaded changed=nothing", _log.ToString());
    }

    [Theory]
    [InlineData("[\"127.0.0.1:5000\", \"127.0.0.1:5001\"]", "", "a restart, or edge --takeover")]
    [InlineData("[\"127.0.0.1:5001\", \"127.0.0.1:5000\"]", "", "a restart, or edge --takeover")]
    [InlineData("\"127.0.0.1:5001\"", "127.0.0.1:5000", "a restart, or edge --takeover")]
    [InlineData("\"127.0.0.1:5001\"", "", "a restart\n")]
    public void Addresses_cannot_change_and_a_takeover_is_offered_where_all_stay(string listen, string control, string way)
    {
        Reload reload = Start("{}");
        Write($$"""{"Edge": {"Listen": {{listen}}, "Control": {"Listen": "{{control}}"} } }""");
        reload.Run();
        Assert.Empty(_applied);
        Assert.Contains($"cannot change while the balancer runs: that needs {way}", _log.ToString().Replace("\"\n", "\n", StringComparison.Ordinal) + "\n");
    }

    [Fact]
    public void What_sockets_threads_and_drivers_are_made_from_cannot_change()
    {
        string[] stuck = [.. OptionsCatalog.All.Where(e => !e.IsReloadable && !e.Key.StartsWith("Edge:Docker:", StringComparison.Ordinal))
            .Select(e => e.Key["Edge:".Length..])];
        Assert.Equal(
            ["Listen", "Loops", "IoUring", "User", "Control:Listen", "Services:FromLabels", "Fleet:Name", "Fleet:Driver", "Fleet:Replicas", "Fleet:Addresses",
                "Upstream:Tls:Roots", "Upstream:Tls:ServerName", "Upstream:Tls:Verify",
                "Overload:ConnectionsPerClient", "Overload:HandshakesPerClient", "Tls:Acme:Email", "Tls:Acme:Directory", "Tls:Acme:Profile",
                "Tls:Acme:Storage", "Tls:Acme:Roots", "Tls:Acme:AgreeToTerms"],
            stuck);
        Assert.All(OptionsCatalog.All.Where(e => e.Key.StartsWith("Edge:Docker:", StringComparison.Ordinal)), e => Assert.False(e.IsReloadable));
    }

    private void Write(string text) => File.WriteAllText(_file, text);

    private LoadedOptions Load() => OptionsLoader.Load(new OptionSources([_file], new MemoryConfigurationSource(), []));

    private Reload Start(string text)
    {
        Write(text);
        return new Reload(Load(), _ => Load(), _applied.Add, new Log(_log, TimeProvider.System));
    }
}
