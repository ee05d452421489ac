using Edge.Config;
using Microsoft.Extensions.Configuration.Memory;

namespace Edge.Tests.Config;

/// <summary>The options of services beside the default one.</summary>
public class ServicesLoaderTests
{
    private static LoadedOptions Load(params string[] arguments) =>
        OptionsLoader.Load(new OptionSources([], new MemoryConfigurationSource(), [.. arguments.Select(argument => "--Edge:" + argument)]));

    private static string[] Mistakes(params string[] arguments) => [.. Load(arguments).Mistakes.Select(mistake => mistake.ToString())];

    [Fact]
    public void A_service_has_its_own_replicas_and_takes_over_how_requests_are_treated()
    {
        LoadedOptions loaded = Load(
            "Timeouts:Drain=7s", "Fleet:Replicas=9", "Fleet:Name=main", "Docker:Network=net", "Docker:Image=main:1", "Health:Path=/main", "Health:Fall=8",
            "Retries:Statuses:0=502", "Retries:Statuses:1=503",
            "Services:shop:Hosts:0=Shop.Example.", "Services:shop:Hosts:1=*.shop.example", "Services:shop:Paths:0=/api/", "Services:shop:Strip=true",
            "Services:shop:Docker:Image=shop:2", "Services:shop:Retries:Statuses:0=504", "Services:shop:Timeouts:Request=3s",
            "Services:BLOG:Paths:0=/blog");
        Assert.Empty(loaded.Mistakes);
        Assert.Equal(["blog", "shop"], loaded.Options!.Services.Select(service => service.Name).Order());
        NamedServiceOptions shop = loaded.Options.Services.Single(service => service.Name == "shop");
        Assert.Equal([("shop.example", "/api"), ("*.shop.example", "/api")], shop.Routes());
        Assert.True(shop.Strip);
        Assert.Equal(("shop", "shop_", "shop:2", "net"), (shop.Fleet.Name, shop.ReplicaPrefix, shop.Docker.Image, shop.Docker.Network));
        Assert.Equal((3, false), (shop.Fleet.Replicas, shop.SaysReplicas));
        Assert.Equal((TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(3)), (shop.Timeouts.Drain, shop.Timeouts.Request));
        Assert.Equal(("", 8), (shop.Health.Path, shop.Health.Fall));
        Assert.Equal([504], shop.Retries.Statuses);
        NamedServiceOptions blog = loaded.Options.Services.Single(service => service.Name == "blog");
        Assert.Equal([("", "/blog")], blog.Routes());
        Assert.Equal([502, 503], blog.Retries.Statuses);
        Assert.Equal("", blog.Docker.Image);
        Assert.Equal((TimeSpan.Zero, "main:1", 9), (loaded.Options.Timeouts.Request, loaded.Options.Docker.Image, loaded.Options.Fleet.Replicas));
    }

    [Fact]
    public void Every_mistake_names_the_key_of_its_service()
    {
        string[] mistakes = Mistakes(
            "Services:shop:Hosts:0=shop.example:80", "Services:shop:Paths:0=api", "Services:shop:Listen=:80", "Services:shop:Docker:Imag=x",
            "Services:shop:Fleet:Replicas=many", "Services:default:Hosts:0=a.example", "Services:-x:Hosts:0=b.example");
        Assert.Contains(mistakes, m => m.StartsWith("Edge:Services:shop:Hosts:0 is \"shop.example:80\": allowed is", StringComparison.Ordinal));
        Assert.Contains(mistakes, m => m.StartsWith("Edge:Services:shop:Paths:0 is \"api\": allowed is", StringComparison.Ordinal));
        Assert.Contains(mistakes, m => m.StartsWith("Edge:Services:shop:Listen is \":80\": there is no such key", StringComparison.Ordinal));
        Assert.Contains(mistakes, m => m.Contains("Edge:Services:shop:Docker:Image is one", StringComparison.Ordinal));
        Assert.Contains(mistakes, m => m.StartsWith("Edge:Services:shop:Fleet:Replicas is \"many\": allowed is 0", StringComparison.Ordinal));
        Assert.Contains(mistakes, m => m.StartsWith("Edge:Services:default: a service is named", StringComparison.Ordinal));
        Assert.Contains(mistakes, m => m.StartsWith("Edge:Services:-x: a service is named", StringComparison.Ordinal));
        Assert.Equal(7, mistakes.Length);
    }

    [Fact]
    public void Other_names_and_moved_paths_are_the_services_own()
    {
        LoadedOptions loaded = Load(
            "Answers:Redirects:0:From=/a", "Answers:Redirects:0:To=https://a.example:8443/b", "Answers:Set:0=X-A: b", "Sticky=true",
            "Services:shop:Hosts:0=Shop.Example.", "Services:shop:Hosts:1=*.shop.example", "Services:shop:Paths:0=/x",
            "Services:shop:Redirect:0=WWW.shop.example", "Services:shop:Answers:Redirects:0:From=/old/", "Services:shop:Answers:Redirects:0:To=/new",
            "Services:shop:Sticky=false", "Services:blog:Paths:0=/blog");
        Assert.Empty(loaded.Mistakes);
        NamedServiceOptions shop = loaded.Options!.Services.Single(service => service.Name == "shop");
        Assert.Equal("shop.example", shop.Canonical());
        Assert.Equal([("www.shop.example", "/x")], shop.Redirected());
        Assert.Equal([("/old", "/new")], shop.Answers.Redirects.Select(one => (one.Path(), one.To)));
        NamedServiceOptions blog = loaded.Options.Services.Single(service => service.Name == "blog");
        Assert.Empty(blog.Answers.Redirects);
        Assert.Single(blog.Answers.Set);
        Assert.Equal((true, false, true), (loaded.Options.Sticky, shop.Sticky, blog.Sticky));
    }

    [Theory]
    [InlineData(
        "Edge:Services:a:Redirect is \"w.example\": such names lead to the first of Edge:Services:a:Hosts", "Services:a:Paths:0=/a",
        "Services:a:Redirect:0=w.example")]
    [InlineData("which has to be there, and no wildcard", "Services:a:Hosts:0=*.a.example", "Services:a:Redirect:0=w.example")]
    [InlineData("Edge:Services:a:Redirect is \"a.example\": it leads to a already", "Services:a:Hosts:0=a.example", "Services:a:Redirect:0=A.example")]
    [InlineData(
        "Edge:Services:b:Redirect is \"a.example\": it leads to a already", "Services:a:Hosts:0=a.example", "Services:b:Hosts:0=b.example",
        "Services:b:Redirect:0=a.example")]
    [InlineData(
        "Edge:Services:b:Hosts is \"w.example\": it leads to a already", "Services:a:Hosts:0=a.example", "Services:a:Redirect:0=w.example",
        "Services:b:Hosts:0=w.example")]
    [InlineData("Edge:Services:a:Redirect:0 is \"w.example:80\": allowed is", "Services:a:Hosts:0=a.example", "Services:a:Redirect:0=w.example:80")]
    [InlineData("Edge:Redirect:0 is \"w.example\": there is no such key", "Redirect:0=w.example")]
    [InlineData("Edge:Answers:Redirects:0:From is \"old\": allowed is", "Answers:Redirects:0:From=old", "Answers:Redirects:0:To=/new")]
    [InlineData("Edge:Answers:Redirects:0:From is \"/o%6cd\": allowed is", "Answers:Redirects:0:From=/o%6cd", "Answers:Redirects:0:To=/new")]
    [InlineData("Edge:Answers:Redirects:0:To is \"//evil.example\": allowed is", "Answers:Redirects:0:From=/old", "Answers:Redirects:0:To=//evil.example")]
    [InlineData("Redirects:0:To is \"/\\evil.example\": allowed is", "Answers:Redirects:0:From=/old", "Answers:Redirects:0:To=/\\evil.example")]
    [InlineData("Redirects:0:To is \"ftp://a.example\": allowed is", "Answers:Redirects:0:From=/old", "Answers:Redirects:0:To=ftp://a.example")]
    [InlineData("Redirects:0:To is \"https:///x\": allowed is", "Answers:Redirects:0:From=/old", "Answers:Redirects:0:To=https:///x")]
    [InlineData("Redirects:0:To is \"https://u@a.example\": allowed is", "Answers:Redirects:0:From=/old", "Answers:Redirects:0:To=https://u@a.example")]
    [InlineData("Redirects:0:To is \"/new?q\": allowed is", "Answers:Redirects:0:From=/old", "Answers:Redirects:0:To=/new?q")]
    [InlineData("Edge:Answers:Redirects:0:To is \"\": each redirect has a path", "Answers:Redirects:0:From=/old")]
    [InlineData("Edge:Services:a:Answers:Redirects:0:From is \"\": each redirect has", "Services:a:Paths:0=/a", "Services:a:Answers:Redirects:0:To=/x")]
    [InlineData(
        "Edge:Answers:Redirects:1:From is \"/old/\": another redirect is from there already", "Answers:Redirects:0:From=/old", "Answers:Redirects:0:To=/x",
        "Answers:Redirects:1:From=/old/", "Answers:Redirects:1:To=/y")]
    [InlineData("Redirects:0:To is \"/old/x\": redirects lead on from there without end", "Answers:Redirects:0:From=/old", "Answers:Redirects:0:To=/old/x")]
    [InlineData("Redirects:0:To is \"/x\": redirects lead on from there without end", "Answers:Redirects:0:From=/", "Answers:Redirects:0:To=/x")]
    [InlineData(
        "Redirects:1:To is \"/a\": redirects lead on from there without end", "Answers:Redirects:0:From=/a", "Answers:Redirects:0:To=/b",
        "Answers:Redirects:1:From=/b", "Answers:Redirects:1:To=/a")]
    public void A_redirect_that_cannot_be_is_a_mistake(string mistake, params string[] arguments) =>
        Assert.Contains(Mistakes(arguments), m => m.Contains(mistake, StringComparison.Ordinal));

    [Fact]
    public void A_chain_of_redirects_that_ends_is_none()
    {
        Assert.Empty(Mistakes(
            "Answers:Redirects:0:From=/a", "Answers:Redirects:0:To=/b/x", "Answers:Redirects:1:From=/b", "Answers:Redirects:1:To=/c",
            "Answers:Redirects:2:From=/old", "Answers:Redirects:2:To=/", "Answers:Redirects:3:From=/c/x", "Answers:Redirects:3:To=https://a.example/a"));
        Assert.Empty(Mistakes("Answers:Redirects:0:From=/", "Answers:Redirects:0:To=https://a.example/"));
        string[] many = [.. Enumerable.Range(0, Limits.Redirects + 1).Select(i => $"Answers:Redirects:{i}:")
            .SelectMany(one => new[] { $"{one}From=/{one}", $"{one}To=/x" })];
        Assert.Contains("257 redirects", Assert.Single(Mistakes(many)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Edge:Services:b:Hosts is \"x.example\": it leads to a already", "Services:a:Hosts:0=x.example", "Services:b:Hosts:0=X.example.")]
    [InlineData("one host or one path at least leads to a service", "Services:a:Docker:Image=a:1")]
    [InlineData("Edge:Services:edge:Fleet:Name is \"edge\": the default service has the same replicas", "Services:edge:Hosts:0=e.example")]
    [InlineData(
        "Edge:Services:b:Fleet:Name is \"a\": a has the same replicas",
        "Services:a:Hosts:0=a.example", "Services:b:Hosts:0=b.example", "Services:b:Fleet:Name=a")]
    [InlineData("allowed is at most Edge:Services:a:Fleet:Maximum, which is 2", "Services:a:Hosts:0=a.example", "Services:a:Fleet:Maximum=2")]
    public void What_services_cannot_have_together_is_a_mistake(string expected, params string[] arguments) =>
        Assert.Contains(expected, Assert.Single(Mistakes(arguments)), StringComparison.Ordinal);

    [Fact]
    public void What_a_service_says_of_its_answers_and_users_is_checked_as_the_default_ones_and_kept_secret()
    {
        string[] fields = [.. Enumerable.Range(0, 9).Select(i => $"Services:a:Answers:Set:{i}=X-Long-{i}: {new string('x', 500)}")];
        Assert.Contains("Edge:Services:a:Answers:Set", Assert.Single(Mistakes(["Services:a:Hosts:0=a.example", .. fields])), StringComparison.Ordinal);
        string page = Assert.Single(Mistakes("Services:a:Hosts:0=a.example", "Services:a:Answers:ErrorPage=/nowhere/page.html"));
        Assert.StartsWith("Edge:Services:a:Answers:ErrorPage is \"/nowhere/page.html\": it cannot be read", page, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", Assert.Single(Mistakes("Services:a:Hosts:0=a.example", "Services:a:Access:Users:0=hush")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a_b.example", "a_b.example")]
    [InlineData("*.EXAMPLE", "*.example")]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("a.example.", "a.example")]
    [InlineData("*.a.example.", "*.a.example")]
    [InlineData("[2001:DB8::1]", "[2001:db8::1]")]
    [InlineData("[2001:db8:0:0:00:0:0:0001]", "[2001:db8::1]")]
    [InlineData("[::ffff:102:304]", "[::ffff:1.2.3.4]")]
    [InlineData("a..", null)]
    [InlineData("a.example..", null)]
    [InlineData("*.a...", null)]
    [InlineData(".", null)]
    [InlineData("..", null)]
    [InlineData("[2001:db8::1].", null)]
    [InlineData("[2001:db8::1%1]", null)]
    [InlineData("[]", null)]
    [InlineData("a..b", null)]
    [InlineData("a.*.b", null)]
    [InlineData("*", null)]
    [InlineData("*.", null)]
    [InlineData("", null)]
    [InlineData(".a", null)]
    [InlineData("a/b", null)]
    [InlineData("bücher.example", null)]
    [InlineData("[1.2.3.4]", null)]
    public void A_host_is_a_name_a_wildcard_or_an_address(string text, string? host) => Assert.Equal(host, OptionValues.ParseHost(text));

    [Theory]
    [InlineData("/", "")]
    [InlineData("/api", "/api")]
    [InlineData("/api/", "/api")]
    [InlineData("/a/.well-known", "/a/.well-known")]
    [InlineData("api", null)]
    [InlineData("", null)]
    [InlineData("/a//b", null)]
    [InlineData("/a/../b", null)]
    [InlineData("/%61", null)]
    [InlineData("/a;b", null)]
    [InlineData("/a?b", null)]
    [InlineData("/a\\b", null)]
    [InlineData("/a b", null)]
    public void A_path_is_one_that_requests_can_say_in_one_way_alone(string text, string? path) => Assert.Equal(path, OptionValues.ParsePath(text));

    [Fact]
    public void Another_value_is_a_change_and_one_that_cannot_change_is_told()
    {
        string[] first = ["Services:a:Hosts:0=a.example", "Services:a:Docker:Image=a:1", "Services:gone:Hosts:0=g.example"];
        LoadedOptions before = Load(first), now = Load("Services:a:Hosts:0=b.example", "Services:a:Docker:Image=a:2", "Services:new:Hosts:0=n.example");
        Assert.Equal(["Edge:Services:a:Hosts", "Edge:Services:a:Docker:Image", "Edge:Services:gone", "Edge:Services:new"], before.ServicesChangedIn(now));
        Assert.Equal(["Edge:Services:a:Docker:Image"], before.ServicesStuckIn(now));
        Assert.Empty(before.ServicesChangedIn(Load(first)));
    }
}
