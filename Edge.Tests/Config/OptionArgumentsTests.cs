using Edge.Config;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Edge.Tests.Config;

public sealed class OptionArgumentsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-arguments-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("--listen :80", "Edge:Listen", ":80")]
    [InlineData("--listen=:80", "Edge:Listen", ":80")]
    [InlineData("--Edge:Listen=:80", "Edge:Listen", ":80")]
    [InlineData("--Edge:Listen :80", "Edge:Listen", ":80")]
    [InlineData("--edge:listen=:80", "Edge:Listen", ":80")]
    [InlineData("--listen :80 --listen :81", "Edge:Listen", ":80,:81")]
    [InlineData("--listen :80 --Edge:Listen=:81", "Edge:Listen", ":80,:81")]
    [InlineData("--listen http://*:80,*:81 --edge:listen :82", "Edge:Listen", "http://*:80,*:81,:82")]
    [InlineData("--Edge:Listen:1=:81 --listen :82 --Edge:Listen:0=:80", "Edge:Listen", ":80,:81,:82")]
    [InlineData("--control :9000 --control :9001", "Edge:Control:Listen", ":9001")]
    [InlineData("--image my-app:1.2", "Edge:Docker:Image", "my-app:1.2")]
    [InlineData("--port 3000", "Edge:Docker:Port", "3000")]
    [InlineData("--health /healthz?a=b", "Edge:Health:Path", "/healthz?a=b")]
    [InlineData("--health=/healthz?a=b", "Edge:Health:Path", "/healthz?a=b")]
    [InlineData("--replicas 5", "Edge:Fleet:Replicas", "5")]
    [InlineData("--network net", "Edge:Docker:Network", "net")]
    [InlineData("--name shop", "Edge:Fleet:Name", "shop")]
    [InlineData("--control :9000", "Edge:Control:Listen", ":9000")]
    [InlineData("--user 1000:998", "Edge:User", "1000:998")]
    [InlineData("--address a:1 --address b:2;weight=3", "Edge:Fleet:Addresses", "a:1\nb:2;weight=3")]
    [InlineData("--env A=1 --env=B=2", "Edge:Docker:Environment", "A=1\nB=2")]
    [InlineData("--address a:1 --Edge:Fleet:Addresses:0=b:2", "Edge:Fleet:Addresses", "b:2\na:1")]
    [InlineData("--Edge:Timeouts:Drain=1m30s", "Edge:Timeouts:Drain", "1m30s")]
    public void An_argument_sets_the_key_that_it_is_short_for(string arguments, string key, string text)
    {
        LoadedOptions loaded = Load([], arguments.Split(' '));
        Assert.Empty(loaded.Mistakes);
        Assert.Equal(text, loaded.Texts[IndexOf(key)]);
    }

    [Theory]
    [InlineData("--lisen :80", "--lisen: there is no such argument; --listen is one")]
    [InlineData("--listen", "--listen: needs a value: --listen ADDRESS")]
    [InlineData("--listen --port 3000", "--listen: needs a value: --listen ADDRESS")]
    [InlineData("--Edge:Loops", "--Edge:Loops: needs a value: --Edge:Loops VALUE")]
    [InlineData("--config", "--config: needs a value: --config FILE")]
    [InlineData("--confg x.json", "--confg: there is no such argument; --config is one")]
    [InlineData("--take-over", "--take-over: there is no such argument; --takeover is one")]
    [InlineData("--takeover=yes", "--takeover: has no value")]
    [InlineData("--listen :80 --version", "--version: stands alone")]
    [InlineData("-listen :80", "-listen: there is no such argument; --listen is one")]
    [InlineData("--Listen :80", "--Listen: there is no such argument; --listen is one")]
    [InlineData("--adress a:1", "--adress: there is no such argument; --address is one")]
    [InlineData("--drain 5s", "--drain: there is no such argument; --Edge:Timeouts:Drain is one")]
    [InlineData("--Fleet:Minimum=1", "--Fleet:Minimum: there is no such argument; --Edge:Fleet:Minimum is one")]
    [InlineData("--colour=red", "--colour: there is no such argument; edge --help lists them")]
    [InlineData("--replicas many", "Edge:Fleet:Replicas is \"many\": allowed is 0 to 512 (from --replicas)")]
    [InlineData("--replicas -1", "Edge:Fleet:Replicas is \"-1\": allowed is 0 to 512 (from --replicas)")]
    [InlineData("--Edge:Fleet:Replicas=many", "Edge:Fleet:Replicas is \"many\": allowed is 0 to 512")]
    [InlineData("--listen :80 --listen nowhere", "Edge:Listen is \"nowhere\": allowed is # (from --listen)")]
    [InlineData("--Edge:Listen:0=:80 --Edge:Listen:1=ftp://*:21", "Edge:Listen is \"ftp://*:21\": allowed is # (from --Edge:Listen:0)")]
    [InlineData("--Edge:Listen:first=:80", "Edge:Listen:first is \":80\": there is no such key")]
    [InlineData("--listen localhost:80 --listen 127.0.0.1:80", "Edge:Listen is \"127.0.0.1:80\": allowed is each address once")]
    [InlineData(
        "--listen http://127.0.0.1:80 --listen https://127.0.0.1:80 --Edge:Tls:Folder=/c",
        "Edge:Listen is \"127.0.0.1:80\": allowed is each address once")]
    [InlineData(
        "--listen :80 --listen https://*:443",
        "Edge:Listen is \"https://127.0.0.1:443\": an address with https:// needs certificates: "
        + "Edge:Tls:Certificates, Edge:Tls:Folder or Edge:Tls:Acme:Hosts names them; "
        + "or, for the hosts of services, Edge:Tls:Acme:AgreeToTerms has them come by themselves")]
    [InlineData("--Edge:Lisen=:80", "Edge:Lisen is \":80\": there is no such key; Edge:Listen is one")]
    [InlineData("status", "status: an argument is --Edge:Key=value, or a short one that edge --help lists; a verb comes first")]
    public void What_is_not_understood_is_told_with_what_was_meant(string arguments, string mistake) =>
        Assert.Equal(
            mistake.Replace("#", OptionsCatalog.Find("Edge:Listen")!.Allowed, StringComparison.Ordinal),
            Assert.Single(Load([], arguments.Split(' ')).Mistakes).ToString());

    [Theory]
    [InlineData("--token", "s3cret")]
    [InlineData("--token=s3cret")]
    [InlineData("--tokn", "s3cret")]
    [InlineData("--tkn=s3cret")]
    [InlineData("--Edge:Token", "s3cret")]
    public void What_may_be_the_token_is_not_shown(params string[] arguments)
    {
        OptionMistake mistake = Assert.Single(Load([], arguments).Mistakes);
        Assert.DoesNotContain("s3cret", mistake.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_token_is_no_argument_since_all_could_read_it() => Assert.Contains(
        "EDGE__CONTROL__TOKEN", Assert.Single(Load([], "--token", "s3cret").Mistakes).Allowed, StringComparison.Ordinal);

    [Fact]
    public void A_list_of_short_arguments_is_the_whole_list()
    {
        string file = Write("""{"Edge": {"Fleet": {"Addresses": ["a:1", "b:1", "c:1"]}}}""");
        Assert.Equal(["x:1"], Load([file], "--address", "x:1").Options!.Fleet.Addresses);
        Assert.Equal(["x:1", "b:1", "c:1"], Load([file], "--Edge:Fleet:Addresses:0=x:1").Options!.Fleet.Addresses);
    }

    [Theory]
    [InlineData("[\"http://*:80\", \"https://*:443\"]", "http://*:80,https://*:443")]
    [InlineData("[\"http://*:80\"]", "http://*:80")]
    [InlineData("\"http://*:80,https://*:443\"", "http://*:80,https://*:443")]
    [InlineData("\":80\"", ":80")]
    public void Addresses_to_listen_at_are_a_text_or_a_list(string json, string text)
    {
        string file = Write($$"""{"Edge": {"Listen": {{json}} } }""");
        LoadedOptions loaded = Load([file], "--Edge:Tls:Folder=/certificates");
        Assert.Equal((text, file), (loaded.Texts[IndexOf("Edge:Listen")], loaded.Origins[IndexOf("Edge:Listen")]));
        Assert.Contains("Edge:Listen", loaded.SetKeys);
        Assert.Equal(text, loaded.Shown()["Edge:Listen"]);
        Assert.Equal(OptionValues.ParseListen(text), loaded.Options!.ListenAddresses());
    }

    /// <summary>For example, the image has one address in its environment, and the command line gives another.</summary>
    [Fact]
    public void Each_source_replaces_the_addresses_of_those_before_it_and_its_items_count_before_its_text()
    {
        string file = Write("""{"Edge": {"Listen": [":80", ":81", ":82"]}}""");
        Assert.Equal(":5000", Listen(Environment(("EDGE:LISTEN", ":5000"))));
        Assert.Equal(":83,:84", Listen(Environment(("EDGE:LISTEN", ":5000"), ("EDGE:LISTEN:1", ":84"), ("EDGE:LISTEN:0", ":83"))));
        Assert.Equal(":85", Listen(Environment(("EDGE:LISTEN:0", ":83"), ("EDGE:LISTEN:1", ":84")), "--listen", ":85"));

        string Listen(IConfigurationSource environment, params string[] arguments) =>
            OptionsLoader.Load(new OptionSources([file], environment, arguments)).Options!.Listen;
    }

    [Fact]
    public void An_empty_list_of_addresses_is_a_mistake() =>
        Assert.Equal("Edge:Listen", Assert.Single(Load([Write("""{"Edge": {"Listen": []}}""")]).Mistakes).Key);

    [Fact]
    public void The_file_of_the_machine_counts_least_and_the_one_in_the_current_folder_most() => Assert.Equal(
        new[] { "/etc/edge", AppContext.BaseDirectory, System.Environment.CurrentDirectory }
            .Select(folder => Path.Combine(folder, "appsettings.json")).Distinct(),
        OptionSources.OfProcess([]).Files);

    [Fact]
    public void A_later_file_overrides_an_earlier_one_and_each_value_knows_where_it_comes_from()
    {
        string first = Write("""{"Edge": {"Loops": 1, "Fleet": {"Name": "a", "Addresses": ["a:1"]}}}""");
        string second = Write("""{"Edge": {"Loops": 2}}""");
        string missing = Path.Combine(_folder.FullName, "missing.json");
        LoadedOptions loaded = OptionsLoader.Load(new OptionSources(
            [first, missing, second], Environment(("Edge:Health:Fall", "4"), ("EDGE:RETRIES:ATTEMPTS", "2")), ["--port", "81", "--edge:health:rise=3"]));
        Assert.Empty(loaded.Mistakes);
        Assert.Equal((2, "a", 4, 81), (loaded.Options!.Loops, loaded.Options.Fleet.Name, loaded.Options.Health.Fall, loaded.Options.Docker.Port));
        Assert.Equal([(first, true), (missing, false), (second, true)], loaded.Files.Select(f => (f.Path, f.IsThere)));
        Dictionary<string, string> origins = OptionsCatalog.All.Zip(loaded.Origins)
            .Where(o => o.Second is not null).ToDictionary(o => o.First.Key, o => o.Second!);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["Edge:Loops"] = second,
                ["Edge:Fleet:Name"] = first,
                ["Edge:Fleet:Addresses"] = first,
                ["Edge:Docker:Port"] = "--port",
                ["Edge:Health:Fall"] = "EDGE__HEALTH__FALL",
                ["Edge:Health:Rise"] = "--edge:health:rise",
                ["Edge:Retries:Attempts"] = "EDGE__RETRIES__ATTEMPTS",
            },
            origins);
    }

    [Fact]
    public void A_mistake_says_which_file_or_variable_it_is_in()
    {
        string file = Write("""{"Edge": {"Loops": "many", "Fleet": {"Addresses": ["a:1", "b"]}}}""");
        string[] told = [.. OptionsLoader.Load(new OptionSources([file], Environment(("EDGE:LISTEN", "x")), [])).Mistakes.Select(m => m.ToString())];
        Assert.Equal(3, told.Length);
        Assert.Contains($"Edge:Loops is \"many\": allowed is 0 to 256 (from {file})", told);
        string address = Assert.Single(told, t => t.StartsWith("Edge:Fleet:Addresses:1 is \"b\": ", StringComparison.Ordinal));
        Assert.EndsWith($"(from {file})", address, StringComparison.Ordinal);
        Assert.Contains(told, t => t.EndsWith("(from EDGE__LISTEN)", StringComparison.Ordinal));
    }

    [Fact]
    public void The_named_file_is_read_alone_and_has_to_be_there()
    {
        string usual = Write("""{"Edge": {"Loops": 1, "Fleet": {"Name": "usual"}}}""");
        string named = Write("""{"Edge": {"Loops": 2}}""");
        LoadedOptions loaded = Load([usual], "--config", named);
        Assert.Equal((2, "edge"), (loaded.Options!.Loops, loaded.Options.Fleet.Name));
        Assert.Equal(named, Assert.Single(loaded.Files).Path);
        string missing = Path.Combine(_folder.FullName, "missing.json");
        Assert.Equal($"{missing}: there is no such file, which --config names", Assert.Single(Load([usual], $"--config={missing}").Mistakes).ToString());
        OptionMistake folder = Assert.Single(Load([], "--config", _folder.FullName).Mistakes);
        Assert.StartsWith($"{_folder.FullName}: cannot be read: ", folder.ToString(), StringComparison.Ordinal);
    }

    /// <summary>As in a folder that may not be searched, whether it is there cannot be told.</summary>
    [Fact]
    public void A_file_that_cannot_be_opened_is_not_taken_for_one_that_is_missing()
    {
        string loop = Path.Combine(_folder.FullName, "loop.json");
        File.CreateSymbolicLink(loop, loop);
        Assert.StartsWith($"{loop}: cannot be read: ", Assert.Single(Load([loop]).Mistakes).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("30s")]
    [InlineData("0.5m")]
    [InlineData("00:00:30")]
    public void A_duration_is_read_in_each_form_from_each_source_and_shown_in_one(string text)
    {
        string file = Write("""{"Edge": {"Timeouts": {"Drain": "#"}}}""".Replace("#", text, StringComparison.Ordinal));
        LoadedOptions[] all =
        [
            Load([file]),
            OptionsLoader.Load(new OptionSources([], Environment(("EDGE:TIMEOUTS:DRAIN", text)), [])),
            Load([], $"--Edge:Timeouts:Drain={text}"),
        ];
        Assert.All(all, loaded =>
        {
            Assert.Equal(TimeSpan.FromSeconds(30), loaded.Options!.Timeouts.Drain);
            Assert.Equal("30s", loaded.Shown()["Edge:Timeouts:Drain"]);
            Assert.Empty(all[0].ChangedIn(loaded));
        });
    }

    [Fact]
    public void Two_durations_are_the_same_whatever_their_form()
    {
        OptionEntry drain = OptionsCatalog.Find("Edge:Timeouts:Drain")!;
        Assert.True(drain.IsSame("30s", "00:00:30"));
        Assert.True(drain.IsSame("60s", "1m"));
        Assert.False(drain.IsSame("30s", "30ms"));
    }

    [Fact]
    public void Each_short_argument_belongs_to_one_key()
    {
        string[] names = [.. OptionsCatalog.All.Select(entry => entry.Alias?.Name).OfType<string>()];
        Assert.Equal(
            ["--listen", "--user", "--control", "--name", "--replicas", "--address", "--network", "--image", "--env", "--port", "--health"],
            names);
        Assert.DoesNotContain(OptionsCatalog.All, entry => entry.IsSecret && entry.Alias is not null);
    }

    private static int IndexOf(string key) => OptionsCatalog.All.ToList().FindIndex(entry => entry.Key == key);

    private static LoadedOptions Load(string[] files, params string[] arguments) =>
        OptionsLoader.Load(new OptionSources(files, Environment(), arguments));

    private static MemoryConfigurationSource Environment(params (string Key, string Value)[] values) =>
        new() { InitialData = values.Select(v => new KeyValuePair<string, string?>(v.Key, v.Value)) };

    private string Write(string json)
    {
        string file = Path.Combine(_folder.FullName, Guid.NewGuid() + ".json");
        File.WriteAllText(file, json);
        return file;
    }
}
