using Edge.Config;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Edge.Tests.Config;

public sealed class OptionsLoaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-options-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Nothing_set_gives_the_defaults() => Assert.Equal(new EdgeOptions(), Load().Options);

    [Fact]
    public void The_defaults_of_the_catalog_are_those_of_the_program()
    {
        string[] arguments = [.. OptionsCatalog.All.Where(e => !e.IsList).Select(e => $"--{e.Key}={e.Default}")];
        LoadedOptions loaded = Load(arguments);
        Assert.Empty(loaded.Mistakes);
        Assert.Equal(new EdgeOptions(), loaded.Options);
    }

    [Fact]
    public void What_is_shown_has_no_secrets()
    {
        IReadOnlyDictionary<string, string> shown = Load(
            "--Edge:Control:Token=hush", "--Edge:Docker:Environment:0=PASSWORD=hush", "--Edge:Docker:Command:0=--password=hush",
            "--Edge:Docker:EntryPoint:0=hush", "--Edge:Docker:Labels:0=users=hush").Shown();
        Assert.DoesNotContain(shown, o => o.Value.Contains("hush", StringComparison.Ordinal));
        Assert.Equal(("set", "PASSWORD", "set"), (shown["Edge:Control:Token"], shown["Edge:Docker:Environment"], shown["Edge:Docker:Command"]));
        Assert.Equal(("set", "users"), (shown["Edge:Docker:EntryPoint"], shown["Edge:Docker:Labels"]));
        Assert.Equal("unset", Load().Shown()["Edge:Control:Token"]);
    }

    [Fact]
    public void The_environment_overrides_a_file_and_an_argument_overrides_both()
    {
        string file = Write("""{"Edge": {"Loops": 1, "Listen": "127.0.0.1:1", "Fleet": {"Name": "file"}}}""");
        LoadedOptions loaded = OptionsLoader.Load(new OptionSources(
            [file],
            Environment(("EDGE:LISTEN", "127.0.0.1:2"), ("EDGE:LOOPS", "2")),
            ["--edge:loops=3"]));
        Assert.Empty(loaded.Mistakes);
        Assert.Equal("file", loaded.Options!.Fleet.Name);
        Assert.Equal("127.0.0.1:2", loaded.Options.Listen);
        Assert.Equal(3, loaded.Options.Loops);
    }

    [Fact]
    public void Every_sort_of_value_is_bound()
    {
        LoadedOptions loaded = Load(
            "--Edge:Timeouts:Drain=00:00:01.5",
            "--Edge:Fleet:Driver=STATIC",
            "--Edge:Fleet:Addresses:0=backend:8080;weight=3",
            "--Edge:Fleet:Addresses:1=[::1]:80",
            "--Edge:Forwarding:NameReplica=false",
            "--Edge:Forwarding:TrustedProxies:0=10.0.0.0/8");
        Assert.Empty(loaded.Mistakes);
        Assert.Equal(TimeSpan.FromSeconds(1.5), loaded.Options!.Timeouts.Drain);
        Assert.Equal(FleetDriver.Static, loaded.Options.Fleet.Driver);
        Assert.Equal(["backend:8080;weight=3", "[::1]:80"], loaded.Options.Fleet.Addresses);
        Assert.False(loaded.Options.Forwarding.NameReplica);
        Assert.Equal(["10.0.0.0/8"], loaded.Options.Forwarding.TrustedProxies);
    }

    [Fact]
    public void All_mistakes_are_listed_at_once_with_key_value_and_what_is_allowed()
    {
        LoadedOptions loaded = Load("--Edge:Listen=nowhere", "--Edge:Timeouts:Drain=5", "--Edge:Fleet:Replicas=many", "--Edge:Liste=x", "serve");
        Assert.Null(loaded.Options);
        string[] told = [.. loaded.Mistakes.Select(m => m.ToString())];
        Assert.Equal(5, told.Length);
        Assert.Contains(told, m => m.Contains("Listen is \"nowhere\": allowed is IPv4:port", StringComparison.Ordinal));
        Assert.Contains(told, m => m.Contains("Drain is \"5\": allowed is longer than 0", StringComparison.Ordinal));
        Assert.Contains(told, m => m.Contains("Replicas is \"many\": allowed is 0 to", StringComparison.Ordinal));
        Assert.Contains(told, m => m.Contains("Liste is \"x\": there is no such key", StringComparison.Ordinal));
        Assert.Contains(told, m => m.StartsWith("serve: an argument is --Edge:Key=value", StringComparison.Ordinal));
    }

    [Fact]
    public void It_is_known_which_keys_have_a_value_and_not_only_which_value_they_have()
    {
        string file = Write("""{"Edge": {"Fleet": {"Addresses": []}, "Docker": {"Command": ["a"]}}}""");
        LoadedOptions loaded = OptionsLoader.Load(new OptionSources(
            [file], Environment(("EDGE:FLEET:NAME", "edge"), ("EDGE:DOCKER:IMAGE", "")), ["--edge:health:path=/up"]));
        Assert.Empty(loaded.Mistakes);
        Assert.Equal(["Edge:Fleet:Name", "Edge:Docker:Command", "Edge:Health:Path"], loaded.SetKeys);
        Assert.Equal("Edge:Docker:Command", loaded.FirstSet("Edge:Docker"));
        Assert.Equal("Edge:Fleet:Name", loaded.FirstSet("Edge:Fleet:Name"));
        Assert.Null(loaded.FirstSet("Edge:Fleet:Nam"));
        Assert.Null(loaded.FirstSet("Edge:Docker:Image"));
        Assert.Empty(Load().SetKeys);
    }

    [Fact]
    public void A_static_fleet_may_go_without_health_checks() =>
        Assert.True(Load("--Edge:Health:Off=true", "--Edge:Fleet:Addresses:0=a:1").Options!.Health.Off);

    [Fact]
    public void A_key_in_the_wrong_section_is_told_where_it_belongs()
    {
        OptionMistake mistake = Assert.Single(Load("--Edge:Drain=00:00:01").Mistakes);
        Assert.Equal("there is no such key; Edge:Timeouts:Drain is one", mistake.Allowed);
    }

    [Fact]
    public void A_broken_file_is_a_mistake_among_others()
    {
        string file = Write("{ \"Edge\": ");
        LoadedOptions loaded = OptionsLoader.Load(new OptionSources([file], Environment(), ["--Edge:Loops=-1"]));
        Assert.Equal(2, loaded.Mistakes.Count);
        Assert.Equal(file, loaded.Mistakes[0].Key);
        Assert.StartsWith("cannot be read as JSON", loaded.Mistakes[0].Allowed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Edge": {"Fleet": {"Addresses": []}, "Health": {}}}""", 0)]
    [InlineData("""{"Edge": {"Loops": null}}""", 1)]
    [InlineData("""{"Edge": {"Health": "good"}}""", 1)]
    [InlineData("""{"Edge": {"Loops": {"Number": 1}}}""", 1)]
    [InlineData("""{"Edge": {"Fleet": {"Addresses": "a:1"}}}""", 1)]
    [InlineData("""{"Logging": {"Level": "x"}, "Edge": {}}""", 0)]
    public void Empty_sections_are_allowed_and_values_in_the_wrong_place_are_not(string json, int mistakes)
    {
        LoadedOptions loaded = OptionsLoader.Load(new OptionSources([Write(json)], Environment(), []));
        Assert.Equal(mistakes, loaded.Mistakes.Count);
    }

    [Theory]
    [InlineData("--Edge:Control:Token=my secret")]
    [InlineData("--Edge:Control:Tokn=my secret")]
    [InlineData("--Edge:Controls:Token=my secret")]
    [InlineData("--Edge:Token=my secret")]
    [InlineData("--Edge:Control:Token:0=my secret")]
    [InlineData("--Control:Token=my secret")]
    [InlineData("-Edge:Control:Token=my secret")]
    public void A_token_is_not_shown_however_its_key_is_mistyped(string argument)
    {
        OptionMistake mistake = Assert.Single(Load(argument).Mistakes);
        Assert.DoesNotContain("my secret", mistake.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Edge:Fleet:Replicas", "--Edge:Fleet:Replicas=5", "--Edge:Fleet:Maximum=4")]
    [InlineData("Edge:Fleet:Replicas", "--Edge:Fleet:Replicas=1", "--Edge:Fleet:Minimum=2")]
    [InlineData("Edge:Fleet:Minimum", "--Edge:Fleet:Minimum=3", "--Edge:Fleet:Maximum=2", "--Edge:Fleet:Addresses:0=a:1")]
    [InlineData("Edge:Fleet:Addresses", "--Edge:Fleet:Driver=static")]
    [InlineData("Edge:Fleet:Addresses", "--Edge:Fleet:Driver=process", "--Edge:Fleet:Addresses:0=a:1")]
    [InlineData("Edge:Fleet:Addresses", "--Edge:Fleet:Addresses:0=a:1", "--Edge:Fleet:Addresses:1=A:1;weight=2")]
    [InlineData("Edge:Fleet:Addresses", "--Edge:Fleet:Addresses:0=a:1", "--Edge:Fleet:Addresses:1=b:1", "--Edge:Fleet:Maximum=1")]
    [InlineData("Edge:Health:Off", "--Edge:Health:Off=true")]
    [InlineData("Edge:Health:Off", "--Edge:Health:Off=true", "--Edge:Fleet:Driver=docker")]
    [InlineData("Edge:Health:StartInterval", "--Edge:Health:StartInterval=00:00:31")]
    [InlineData("Edge:Health:Timeout", "--Edge:Health:Timeout=00:00:31")]
    [InlineData("Edge:Docker:KeepCapabilities", "--Edge:Docker:KeepCapabilities:0=NONE", "--Edge:Docker:KeepCapabilities:1=CHOWN")]
    [InlineData("Edge:Tls:Redirect", "--Edge:Tls:Redirect=on")]
    [InlineData("Edge:Docker:Volumes", "--Edge:Docker:Volumes:0=a1:/data", "--Edge:Docker:Volumes:1=/data/")]
    public void Values_that_contradict_each_other_are_mistakes(string key, params string[] arguments) =>
        Assert.Equal(key, Assert.Single(Load(arguments).Mistakes).Key);

    [Theory]
    [InlineData("Edge:Listen", "127.0.0.1:5000|[::1]:80|localhost:80|*:80|:80|:0|0.0.0.0:0|"
        + "http://*:80|HTTPS://[::1]:443|https://:443|:80,https://:443|:0,:0",
        "ftp://*:80|http://|https://*|//*:80|http:*:80|https://*:443/|,|:80,|,:80|:80 ,:81|:80, :81|:80;:81|http://https://*:80|"
        + "5000|127.1:80|:|::80|:x|host:80|127.0.0.1|127.0.0.1:65536|::1:80|[127.0.0.1]:80|127.0.0.1:+1|")]
    [InlineData("Edge:User", "|1|65532|1000:0|65532:65532,998", "0|0:1|nobody|1:|1:2:3|1:2,|:1|-1|+1| 1|4294967295|1:4294967295|1:x")]
    [InlineData("Edge:Control:Listen", "|127.0.0.1:1", "x")]
    [InlineData("Edge:Control:Token", "|a|ä", "a b|a\tb")]
    [InlineData("Edge:Control:Hosts:0", "edge|edge.example|a_b-c", "|a b|a:80|[::1]|http://a|ä")]
    [InlineData("Edge:Loops", "0|256", "-1|257|1.5||x| 1")]
    [InlineData("Edge:Timeouts:Drain", "00:00:01|00:00:00.001|1.00:00:00|23:59:59.9999999|30s|500ms|1m30s|1d|24h",
        "5|0s|1d1ms|25h|00:30|24:00:00|00:00:00|-00:00:01|1.00:00:01|x|")]
    [InlineData("Edge:Fleet:Driver", "auto|docker|process|STATIC|Auto", "swarm||1")]
    [InlineData("Edge:Docker:Network", "load_balancer_network|a.b-c|1", "|-a|a b|a/b")]
    [InlineData("Edge:Docker:Image", "|app|registry.example:5000/team/app:1.2|app@sha256:00", "a b|a\tb")]
    [InlineData("Edge:Docker:Environment:0", "A=b|A=|A=b=c d", "A|=b|")]
    [InlineData("Edge:Docker:Port", "0|1|65535", "-1|65536|http|")]
    [InlineData("Edge:Docker:Networks:0", "net|proj_default|a.b=alias", "|-a|host|none|a=|=a|a=b=c|a b|a=b c|container:x")]
    [InlineData("Edge:Docker:Volumes:0", "data:/data|data:/data:ro|/srv/a b:/data:ro,z|/srv:/data:Z|/data|data:/data:rw",
        "|data|data:|:/data|data:data|./a:/data|d:/data|data:/data:|data:/data:rx|data:/data:ro:z|/|data:/|a b:/data|/data:ro")]
    [InlineData("Edge:Docker:User", "|app|1000|1000:1000|app:www-data", ":|a:|:a|a:b:c|a b")]
    [InlineData("Edge:Docker:Labels:0", "a=b|a.b/c=|traefik.http=a=b c", "a|=b||edge.fleet=x|edge.health=/|com.docker.compose.project=x")]
    [InlineData("Edge:Docker:StopTimeout", "00:00:00|00:01:00", "60|-00:00:01|")]
    [InlineData("Edge:Docker:MemoryMiB", "0|512", "-1|1g|")]
    [InlineData("Edge:Docker:ReadOnly", "true|FALSE", "yes|1|")]
    [InlineData("Edge:Docker:KeepCapabilities:0", "NET_BIND_SERVICE|ALL|NONE", "|a b|-x")]
    [InlineData("Edge:Fleet:Name", "edge|e.1_-", "|-a|ä|a b")]
    [InlineData("Edge:Fleet:Addresses:0", "a:1|a.b-c:65535;weight=256|[::1]:80|10.0.0.1:80;Weight=1|https://a:1|HTTP://[::1]:80;weight=2",
        "a|a:0|a:1;|a:1;weight=0|a:1;weight=257|a:1;w=1|:1|a b:1|https://a|https://a:1/|ftp://a:1|::1:80|")]
    [InlineData("Edge:Health:Path", "|/|/a?b=c", "a|/a b|/ä|/a#b")]
    [InlineData("Edge:Health:Host", "|shop|shop.example|shop.example:8080|10.0.0.1|[::1]|[::1]:80", "a b|a:|a:x|a:65536|::1|[a]|[]|http://a|a/b|ä")]
    [InlineData("Edge:Health:Statuses", "|200|100|599|200-299|200-200|200-299,301|401,200-299", "99|600|299-200|200-|-200|200,|200 |2xx|200-250-299|+200")]
    [InlineData("Edge:Health:Rise", "1|100", "0|101")]
    [InlineData("Edge:Forwarding:NameReplica", "true|False", "yes|1|")]
    [InlineData("Edge:Forwarding:Via", "|edge-1", "a b|a/b")]
    [InlineData("Edge:ProxyProtocol:From:0", "10.0.0.0/8|fd00::/8|127.0.0.1/32", "|10.0.0.0|10.0.0.0/33|x")]
    [InlineData("Edge:Tls:Redirect", "off|on|OFF|On|443|1|65535", "|true|yes|0|65536|-1|+1| on|443,80")]
    [InlineData("Edge:Tls:Hsts", "0s|1s|5m|365d|3650d|365.00:00:00", "|365|500ms|999ms|3651d|-1s|forever")]
    [InlineData("Edge:Limits:HeadBytes", "1024|32768", "1023|32769|0")]
    [InlineData("Edge:Limits:BodyBytesPerSecond", "0|240", "-1|1.5|")]
    [InlineData("Edge:Forwarding:TrustedProxies:0", "10.0.0.0/8|fd00::/8", "10.0.0.0|10.0.0.0/33|x")]
    public void Each_key_takes_what_is_allowed_and_nothing_else(string key, string good, string bad)
    {
        OptionEntry entry = OptionsCatalog.Find(key)!;
        Assert.All(good.Split('|'), text => Assert.True(entry.Check(text), $"{key} does not take '{text}'"));
        Assert.All(bad.Split('|'), text => Assert.False(entry.Check(text), $"{key} takes '{text}'"));
    }

    [Fact]
    public void An_address_to_listen_at_can_be_written_in_five_ways()
    {
        Assert.Equal("127.0.0.1:80", OptionValues.ParseEndpoint("localhost:80")!.ToString());
        Assert.Equal(System.Net.Sockets.Socket.OSSupportsIPv6 ? "[::]:80" : "0.0.0.0:80", OptionValues.ParseEndpoint("*:80")!.ToString());
        Assert.Equal(OptionValues.ParseEndpoint("*:80"), OptionValues.ParseEndpoint(":80"));
        Assert.Equal("0.0.0.0:80", OptionValues.ParseEndpoint("0.0.0.0:80")!.ToString());
        Assert.Equal("[::1]:80", OptionValues.ParseEndpoint("[::1]:80")!.ToString());
        Assert.Equal("10.0.0.1:80", OptionValues.ParseEndpoint("10.0.0.1:80")!.ToString());
    }

    [Fact]
    public void The_control_address_is_none_of_its_own_where_it_is_the_same()
    {
        Assert.Null(Load("--Edge:Listen=localhost:80", "--Edge:Control:Listen=127.0.0.1:80").Options!.ControlEndpoint());
        Assert.Equal(81, Load("--Edge:Control:Listen=127.0.0.1:81").Options!.ControlEndpoint()!.Port);
        Assert.Null(Load("--listen=localhost:80", "--listen=localhost:81", "--Edge:Control:Listen=127.0.0.1:81").Options!.ControlEndpoint());
    }

    [Theory]
    [InlineData("", "80,81")]
    [InlineData("127.0.0.1:81", "81")]
    [InlineData("127.0.0.1:82", "")]
    public void The_own_paths_are_at_every_address_or_at_the_one_that_is_named(string control, string shared)
    {
        EdgeOptions options = Load("--listen=localhost:80,localhost:81", $"--Edge:Control:Listen={control}").Options!;
        Assert.Equal(shared, string.Join(',', options.ListenAddresses().Where(options.ServesControl).Select(a => a.Endpoint.Port)));
        Assert.Equal(control == "127.0.0.1:82" ? "80,81,82" : "80,81", string.Join(',', options.Endpoints().Select(e => e.Port)));
    }

    [Theory]
    [InlineData("*:80", (int)Scheme.Http, "http://127.0.0.1:80")]
    [InlineData("HTTP://localhost:80", (int)Scheme.Http, "http://127.0.0.1:80")]
    [InlineData("https://*:443", (int)Scheme.Https, "https://127.0.0.1:443")]
    [InlineData("https://[2001:db8::1]:8443", (int)Scheme.Https, "https://[2001:db8::1]:8443")]
    public void An_address_has_a_scheme_and_a_url(string text, int scheme, string url)
    {
        ListenAddress address = OptionValues.ParseListenAddress(text)!;
        Assert.Equal(((Scheme)scheme, scheme == (int)Scheme.Https, url), (address.Scheme, address.IsTls, address.Url()));
    }

    private static LoadedOptions Load(params string[] arguments) =>
        OptionsLoader.Load(new OptionSources([], Environment(), arguments));

    private static MemoryConfigurationSource Environment(params (string Key, string Value)[] values) =>
        new() { InitialData = values.Select(v => new KeyValuePair<string, string?>(v.Key, v.Value)) };

    private string Write(string json)
    {
        string file = Path.Combine(_folder.FullName, Guid.NewGuid() + ".json");
        File.WriteAllText(file, json);
        return file;
    }
}
