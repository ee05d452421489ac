using Edge.Cli;
using Edge.Config;

namespace Edge.Tests.Cli;

public sealed class ClientTargetTests : IDisposable
{
    private readonly StringWriter _errors = new();
    private readonly Dictionary<string, string> _variables = [];
    private readonly FileInfo _file = new(Path.GetTempFileName());

    public void Dispose()
    {
        _file.Delete();
        _errors.Dispose();
    }

    [Fact]
    public void Arguments_count_before_the_environment_and_that_before_the_options()
    {
        Write("""{"Edge": {"Listen": ":81", "Control": {"Token": "of-the-file"}}}""");
        Assert.Equal(("http://127.0.0.1:81/", "of-the-file", _file.FullName, _file.FullName), Told(Find()!));
        _variables["EDGE_URL"] = "http://10.0.0.1:1";
        Assert.Equal(("http://10.0.0.1:1/", "of-the-file", "EDGE_URL", _file.FullName), Told(Find()!));
        _variables["EDGE_TOKEN"] = "of-the-environment";
        Assert.Equal(("http://10.0.0.1:1/", "of-the-environment", "EDGE_URL", "EDGE_TOKEN"), Told(Find()!));
        Assert.Equal(("http://10.0.0.2:1/", "given", null, "--token"), Told(Find("--url", "http://10.0.0.2:1", "--token=given")!));
    }

    [Fact]
    public void The_address_of_the_own_paths_counts_before_the_one_for_clients()
    {
        Write("""{"Edge": {"Listen": ":81", "Control": {"Listen": "127.0.0.1:82"}}}""");
        Assert.Equal(("http://127.0.0.1:82/", "", _file.FullName, null), Told(Find()!));
    }

    [Fact]
    public void Own_paths_with_TLS_alone_are_out_of_reach_and_it_says_what_to_set()
    {
        _variables["EDGE_TOKEN"] = "t";
        Write("""{"Edge": {"Listen": "127.0.0.1:81,https://127.0.0.1:82", "Control": {"Listen": "127.0.0.1:82"}, "Tls": {"Folder": "/c"}}}""");
        Assert.Null(Find());
        Assert.Equal(
            "edge: the balancer's own paths are served at https:// alone (Edge:Listen), and this program calls without TLS: "
            + "give them an address of their own with Edge:Control:Listen, as 127.0.0.1:5001",
            _errors.ToString().TrimEnd());
        Assert.NotNull(Find("--url", "http://127.0.0.1:81"));
    }

    [Fact]
    public void Where_nothing_says_it_the_defaults_hold() => Assert.Equal(("http://127.0.0.1:5000/", "", null, null), Told(Find()!));

    [Fact]
    public void Options_with_mistakes_matter_only_where_they_are_needed()
    {
        Write("""{"Edge": {"Loops": "many"}}""");
        Assert.Null(Find());
        Assert.Equal($"edge: Edge:Loops is \"many\": allowed is 0 to 256 (from {_file.FullName})", _errors.ToString().TrimEnd());
        Assert.NotNull(Find("--url", "http://127.0.0.1:1"));
        Assert.Null(Find("--url", "http://127.0.0.1:1", "--config", _file.FullName));
        Assert.NotNull(Find("--url", "http://127.0.0.1:1", "--token", "x", "--config", _file.FullName));
    }

    [Theory]
    [InlineData("127.0.0.1:80")]
    [InlineData("https://127.0.0.1")]
    [InlineData("")]
    public void What_is_no_address_is_told(string url)
    {
        Assert.Null(Find("--url", url, "--token", "x"));
        Assert.Equal($"edge: \"{url}\" is no URL like http://127.0.0.1:5000", _errors.ToString().TrimEnd());
    }

    private static (string Url, string Token, string? UrlOrigin, string? TokenOrigin) Told(ClientTarget target) =>
        (target.Url.ToString(), target.Token, target.UrlOrigin, target.TokenOrigin);

    private ClientTarget? Find(params string[] arguments)
    {
        ClientArguments parsed = ClientArguments.Parse("rep", arguments, out string mistake) ?? throw new InvalidOperationException(mistake);
        string[] files = _file.Length > 0 ? [_file.FullName] : [];
        return ClientTarget.Find(
            parsed,
            name => _variables.GetValueOrDefault(name),
            () => OptionsLoader.Load(new OptionSources(files, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource(), [])),
            _errors);
    }

    private void Write(string json)
    {
        File.WriteAllText(_file.FullName, json);
        _file.Refresh();
    }
}
